#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# Knows as much of the kernel's script of this name as a test takes.

use strict;
use warnings;

my %given = map { $_ => 1 } grep { /^--/ } @ARGV;
die "no tree\n" if !-e "MAINTAINERS" || !$given{"--no-tree"};
if ($given{"--nol"}) {
	print "A Maintainer <a\@example.org>\n\"Bjørn B. Reviewer\" <b\@example.org>\n";
} else {
	print "list\@example.org\n";
}
