/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of this module have of each other. */
#ifndef MOCK_H
#define MOCK_H

#include <linux/types.h>

struct mii_bus;
struct platform_device;
struct seq_file;

#define MOCK_C22	32	/* In the place of an MMD: the registers of clause 22. */
#define MOCK_STEPS	8	/* The most values that a register has one after the other. */
#define MOCK_WORDS	(3 + 2 * MOCK_STEPS)

/* main.c */
extern struct platform_device *mock_pdev;
extern struct mii_bus *mock_bus;

/* regs.c */
int mock_init_regs(void);
void mock_exit_regs(void);
int mock_access(int addr, int mmd, int reg, bool write, u16 value);
int mock_fill_regs(int addr, bool present, u32 id, bool c45);
__printf(1, 2) void mock_mark(const char *format, ...);
int mock_split(char *text, char **words);
int mock_parse_addr(const char *word);
int mock_set(char *text);
int mock_selfclear(char *text);
int mock_clear_trace(char *text);
int mock_show_trace(struct seq_file *seq);
int mock_add_mark(char *text);
int mock_fail(char *text);
int mock_show_fail(struct seq_file *seq);

/* phys.c */
void mock_disconnect(int addr);
int mock_phys(char *text);
int mock_show_phys(struct seq_file *seq);
int mock_show_link(struct seq_file *seq);
int mock_do(char *text);

#endif
