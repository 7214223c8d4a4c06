// SPDX-License-Identifier: GPL-2.0
/* Registers in memory, the trace of accesses to them, and those accesses that fail. */
#include <linux/kernel.h>
#include <linux/mii.h>
#include <linux/mutex.h>
#include <linux/phy.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <linux/vmalloc.h>
#include <linux/xarray.h>

#include "mock.h"

#define MOCK_ENTRIES	65536
#define MOCK_SPECIALS	32
#define MOCK_TEXT	44

/* One line of the trace. */
struct mock_entry {
	char kind;
	union {
		struct {
			u8 addr;
			u8 mmd;
			u16 reg;
			u16 value;
			int err;
		};
		char text[MOCK_TEXT];
	};
};

/* A register that does not just keep what was written. */
struct mock_special {
	bool used;
	unsigned long index;
	/* Values one after the other, each with the reads that it lasts. */
	unsigned int steps;
	unsigned int step;
	u32 left;
	u16 values[MOCK_STEPS];
	u32 reads[MOCK_STEPS];
	/* Bits that go by themselves. */
	u16 clear_mask;
	u32 clear_reads;
	u32 clear_left;
};

/* For all below. Nothing of phylib's is called with it held. */
static DEFINE_MUTEX(mock_regs);
static DEFINE_XARRAY(mock_values);
static struct mock_special mock_specials[MOCK_SPECIALS];
static u32 mock_present;
static u16 mock_mmd_control[PHY_MAX_ADDR];
static u16 mock_mmd_addr[PHY_MAX_ADDR];
static struct mock_entry *mock_trace;
static unsigned int mock_traced;
static unsigned int mock_lost;
static u32 mock_fail_left;
static int mock_fail_errno;	/* 0: short. */

/* The trace. */

static struct mock_entry *mock_next_entry(void)
{
	if (mock_traced == MOCK_ENTRIES) {
		mock_lost++;
		return NULL;
	}
	return &mock_trace[mock_traced++];
}

static void mock_record(char kind, int addr, int mmd, int reg, u16 value, int err)
{
	struct mock_entry *entry = mock_next_entry();

	if (!entry)
		return;
	entry->kind = kind;
	entry->addr = addr;
	entry->mmd = mmd;
	entry->reg = reg;
	entry->value = value;
	entry->err = err;
}

void mock_mark(const char *format, ...)
{
	struct mock_entry *entry;
	va_list args;

	mutex_lock(&mock_regs);
	entry = mock_next_entry();
	if (entry) {
		entry->kind = '#';
		va_start(args, format);
		vscnprintf(entry->text, sizeof(entry->text), format, args);
		va_end(args);
	}
	mutex_unlock(&mock_regs);
}

/* Registers. */

static unsigned long mock_index(int addr, int mmd, int reg)
{
	return (unsigned long)addr << 22 | mmd << 16 | reg;
}

static struct mock_special *mock_find_special(unsigned long index)
{
	int i;

	for (i = 0; i < MOCK_SPECIALS; i++) {
		if (mock_specials[i].used && mock_specials[i].index == index)
			return &mock_specials[i];
	}
	return NULL;
}

static struct mock_special *mock_get_special(unsigned long index)
{
	struct mock_special *special = mock_find_special(index);
	int i;

	for (i = 0; !special && i < MOCK_SPECIALS; i++) {
		if (!mock_specials[i].used) {
			special = &mock_specials[i];
			memset(special, 0, sizeof(*special));
			special->used = true;
			special->index = index;
		}
	}
	return special;
}

static u16 mock_value(unsigned long index)
{
	void *entry = xa_load(&mock_values, index);

	return entry ? xa_to_value(entry) : 0;
}

static int mock_store(unsigned long index, u16 value)
{
	return xa_err(xa_store(&mock_values, index, xa_mk_value(value), GFP_KERNEL));
}

static int mock_read_reg(unsigned long index)
{
	struct mock_special *special = mock_find_special(index);
	u16 value = mock_value(index);
	int err;

	if (special && special->steps) {
		value = special->values[special->step];
		if (special->step + 1 < special->steps && --special->left == 0) {
			special->step++;
			special->left = special->reads[special->step];
		}
	} else if (special && special->clear_left && --special->clear_left == 0) {
		err = mock_store(index, value & ~special->clear_mask);
		if (err)
			return err;
	}
	return value;
}

static int mock_write_reg(unsigned long index, u16 value)
{
	struct mock_special *special = mock_find_special(index);

	if (special) {
		special->steps = 0;
		special->clear_left = 0;
		if (value & special->clear_mask) {
			special->clear_left = special->clear_reads;
			if (!special->clear_left)
				value &= ~special->clear_mask;
		}
	}
	return mock_store(index, value);
}

/* Register 14 of clause 22: what register 13 has chosen. The second bit from above says that there is data. */
static int mock_mmd_data(int addr, bool write, u16 value)
{
	u16 control = mock_mmd_control[addr];
	int function = control >> 14;
	unsigned long index = mock_index(addr, control & 0x1f, mock_mmd_addr[addr]);
	int ret;

	if (function == 0) {
		if (write)
			mock_mmd_addr[addr] = value;
		return write ? 0 : mock_mmd_addr[addr];
	}
	ret = write ? mock_write_reg(index, value) : mock_read_reg(index);
	if (function == 2 || (function == 3 && write))
		mock_mmd_addr[addr]++;
	return ret;
}

static int mock_access_reg(int addr, int mmd, int reg, bool write, u16 value)
{
	unsigned long index = mock_index(addr, mmd, reg);

	if (!(mock_present & BIT(addr)))
		return write ? 0 : 0xffff;
	if (mmd == MOCK_C22 && reg == MII_MMD_DATA)
		return mock_mmd_data(addr, write, value);
	if (mmd == MOCK_C22 && reg == MII_MMD_CTRL && write)
		mock_mmd_control[addr] = value;
	return write ? mock_write_reg(index, value) : mock_read_reg(index);
}

int mock_access(int addr, int mmd, int reg, bool write, u16 value)
{
	int ret;

	mutex_lock(&mock_regs);
	if (mock_fail_left && --mock_fail_left == 0)
		ret = mock_fail_errno ? -mock_fail_errno : write ? 0 : 0xffff;
	else
		ret = mock_access_reg(addr, mmd, reg, write, value);
	mock_record(write ? 'w' : 'r', addr, mmd, reg, write ? value : ret, ret < 0 ? ret : 0);
	mutex_unlock(&mock_regs);
	return ret;
}

/* What users write. */

int mock_split(char *text, char **words)
{
	int count = 0;
	char *word;

	while ((word = strsep(&text, " \t\n"))) {
		if (!*word)
			continue;
		if (count == MOCK_WORDS)
			return -E2BIG;
		words[count++] = word;
	}
	return count;
}

int mock_parse_addr(const char *word)
{
	unsigned int addr;
	int err = kstrtouint(word, 10, &addr);

	if (err)
		return err;
	return addr < PHY_MAX_ADDR ? addr : -ERANGE;
}

static int mock_parse_reg(int addr, char *word, unsigned long *index)
{
	char *dot = strchr(word, '.');
	unsigned int mmd = MOCK_C22;
	u16 reg;
	int err;

	if (dot) {
		*dot = 0;
		err = kstrtouint(word, 10, &mmd);
		if (err)
			return err;
		if (mmd >= MDIO_MMD_NUM)
			return -ERANGE;
		word = dot + 1;
	}
	err = kstrtou16(word, 16, &reg);
	if (err)
		return err;
	if (!dot && reg >= 32)
		return -ERANGE;
	*index = mock_index(addr, mmd, reg);
	return 0;
}

/* The first two words of "set" and "selfclear". */
static int mock_parse_place(char *text, char **words, int least, unsigned long *index)
{
	int count = mock_split(text, words);
	int addr;
	int err;

	if (count < 0)
		return count;
	if (count < least)
		return -EINVAL;
	addr = mock_parse_addr(words[0]);
	if (addr < 0)
		return addr;
	err = mock_parse_reg(addr, words[1], index);
	return err ? err : count;
}

int mock_set(char *text)
{
	struct mock_special *special;
	char *words[MOCK_WORDS];
	u16 values[MOCK_STEPS];
	u32 reads[MOCK_STEPS] = {};
	unsigned long index;
	int steps = 0;
	int count;
	int err;
	int i;

	count = mock_parse_place(text, words, 3, &index);
	if (count < 0)
		return count;
	if (count % 2 == 0 || count > 1 + 2 * MOCK_STEPS)
		return -EINVAL;
	for (i = 2; i < count; i += 2) {
		err = kstrtou16(words[i], 16, &values[steps]);
		if (err)
			return err;
		if (i + 1 < count) {
			err = kstrtou32(words[i + 1], 10, &reads[steps]);
			if (err)
				return err;
			if (!reads[steps])
				return -EINVAL;
		}
		steps++;
	}

	mutex_lock(&mock_regs);
	err = mock_store(index, values[0]);
	special = steps > 1 ? mock_get_special(index) : mock_find_special(index);
	if (steps > 1 && !special)
		err = -ENOSPC;
	if (special) {
		special->steps = steps;
		special->step = 0;
		special->left = reads[0];
		special->clear_left = 0;
		memcpy(special->values, values, sizeof(values));
		memcpy(special->reads, reads, sizeof(reads));
	}
	mutex_unlock(&mock_regs);
	return err;
}

int mock_selfclear(char *text)
{
	struct mock_special *special;
	char *words[MOCK_WORDS];
	unsigned long index;
	u32 reads;
	u16 mask;
	int count;
	int err;

	count = mock_parse_place(text, words, 4, &index);
	if (count < 0)
		return count;
	err = kstrtou16(words[2], 16, &mask);
	if (err)
		return err;
	err = kstrtou32(words[3], 10, &reads);
	if (err)
		return err;

	mutex_lock(&mock_regs);
	special = mock_get_special(index);
	if (special) {
		special->clear_mask = mask;
		special->clear_reads = reads;
		special->clear_left = 0;
	}
	mutex_unlock(&mock_regs);
	return special ? 0 : -ENOSPC;
}

int mock_clear_trace(char *text)
{
	mutex_lock(&mock_regs);
	mock_traced = 0;
	mock_lost = 0;
	mutex_unlock(&mock_regs);
	return 0;
}

static void mock_show_entry(struct seq_file *seq, const struct mock_entry *entry)
{
	if (entry->kind == '#') {
		seq_printf(seq, "# %s\n", entry->text);
		return;
	}
	seq_printf(seq, "%c %u ", entry->kind, entry->addr);
	if (entry->mmd == MOCK_C22)
		seq_printf(seq, "%02x", entry->reg);
	else
		seq_printf(seq, "%u.%04x", entry->mmd, entry->reg);
	if (entry->kind == 'w' || !entry->err)
		seq_printf(seq, " %04x", entry->value);
	if (entry->err)
		seq_printf(seq, " %d", entry->err);
	seq_putc(seq, '\n');
}

int mock_show_trace(struct seq_file *seq)
{
	unsigned int i;

	mutex_lock(&mock_regs);
	for (i = 0; i < mock_traced; i++)
		mock_show_entry(seq, &mock_trace[i]);
	if (mock_lost)
		seq_printf(seq, "# %u lost\n", mock_lost);
	mutex_unlock(&mock_regs);
	return 0;
}

int mock_add_mark(char *text)
{
	mock_mark("%s", text);
	return 0;
}

int mock_fail(char *text)
{
	char *words[MOCK_WORDS];
	int count = mock_split(text, words);
	u32 errno = 0;
	u32 left;
	int err;

	if (count < 1)
		return count < 0 ? count : -EINVAL;
	err = kstrtou32(words[0], 10, &left);
	if (err)
		return err;
	if (left && count < 2)
		return -EINVAL;
	if (left && strcmp(words[1], "short")) {
		err = kstrtou32(words[1], 10, &errno);
		if (err)
			return err;
		if (!errno || errno > MAX_ERRNO)
			return -ERANGE;
	}
	mutex_lock(&mock_regs);
	mock_fail_left = left;
	mock_fail_errno = errno;
	mutex_unlock(&mock_regs);
	return 0;
}

int mock_show_fail(struct seq_file *seq)
{
	mutex_lock(&mock_regs);
	seq_printf(seq, "%u\n", mock_fail_left);
	mutex_unlock(&mock_regs);
	return 0;
}

/* Forgets the registers at an address, or has some: those that hold the id. */
int mock_fill_regs(int addr, bool present, u32 id, bool c45)
{
	static const int mmds[] = { MDIO_MMD_PMAPMD, MDIO_MMD_PCS, MDIO_MMD_PHYXS };
	unsigned long first = mock_index(addr, 0, 0);
	unsigned long last = mock_index(addr + 1, 0, 0) - 1;
	unsigned long index;
	int err = 0;
	void *value;
	int i;

	mutex_lock(&mock_regs);
	if (!present) {
		mock_present &= ~BIT(addr);
		mock_mmd_control[addr] = 0;
		mock_mmd_addr[addr] = 0;
		xa_for_each_range(&mock_values, index, value, first, last)
			xa_erase(&mock_values, index);
		for (i = 0; i < MOCK_SPECIALS; i++) {
			if (mock_specials[i].index >= first && mock_specials[i].index <= last)
				mock_specials[i].used = false;
		}
	} else if (c45) {
		mock_present |= BIT(addr);
		for (i = 0; !err && i < ARRAY_SIZE(mmds); i++) {
			err = mock_store(mock_index(addr, mmds[i], MDIO_DEVS1),
					 MDIO_DEVS_PMAPMD | MDIO_DEVS_PCS | MDIO_DEVS_PHYXS);
			if (!err)
				err = mock_store(mock_index(addr, mmds[i], MDIO_DEVID1), id >> 16);
			if (!err)
				err = mock_store(mock_index(addr, mmds[i], MDIO_DEVID2), id);
		}
	} else {
		mock_present |= BIT(addr);
		err = mock_store(mock_index(addr, MOCK_C22, MII_PHYSID1), id >> 16);
		if (!err)
			err = mock_store(mock_index(addr, MOCK_C22, MII_PHYSID2), id);
	}
	mutex_unlock(&mock_regs);
	return err;
}

int mock_init_regs(void)
{
	mock_trace = vcalloc(MOCK_ENTRIES, sizeof(*mock_trace));
	return mock_trace ? 0 : -ENOMEM;
}

void mock_exit_regs(void)
{
	xa_destroy(&mock_values);
	vfree(mock_trace);
}
