::kernel::concat_literals!(".pushsection .discard.annotate_insn, \"M\", @progbits, 8; .long 1b - ., 8; .popsection")
