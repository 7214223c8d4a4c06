#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# Finds as much as a test takes of what the kernel's script of this name does.

use strict;
use warnings;

my $found = 0;
for my $file (grep { !/^--/ } @ARGV) {
	open(my $mail, '<', $file) or die "$file: $!\n";
	my $signed = $file =~ /cover-letter/;
	while (<$mail>) {
		$signed = 1 if /^Signed-off-by: /;
		if (/^\+.*[ \t]$/) {
			print "$file:$.: ERROR: trailing whitespace\n";
			$found = 1;
		}
		print "$file:$.: WARNING: does MAINTAINERS need updating?\n" if /^new file/ && ($found = 1);
	}
	next if $signed;
	print "$file:$.: ERROR: Missing Signed-off-by: line(s)\n";
	$found = 1;
}
exit $found;
