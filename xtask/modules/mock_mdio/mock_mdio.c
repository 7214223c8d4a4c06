// SPDX-License-Identifier: GPL-2.0
/*
 * An MDIO bus without hardware: PHYs are registers in memory, and every access to them is recorded and can be made
 * to fail. Everything is in /sys/kernel/debug/mock_mdio/. Addresses, counts and errnos are decimal; registers,
 * values and ids are hexadecimal. REG is "0" to "1f", or "MMD.REG" with a decimal MMD from 0 to 31.
 *
 * phys       write "ADDR ID [c45] [poll]": a PHY of that id appears, and is registered. One of clause 45 has the
 *            MMDs 1, 3 and 4. The state machine runs when it is told to, or each second with "poll".
 *            write "-ADDR": it goes, with its registers and its connection.
 *            read: "ADDR ID c22|c45 STATE DRIVER" for each.
 * set        write "ADDR REG VALUE [READS VALUE]...": the register reads as the first value so many times, and
 *            then as the next; the last one stays. A write to the register ends that.
 * selfclear  write "ADDR REG MASK READS": bits in MASK that are written last for so many reads.
 * trace      read: "r ADDR REG VALUE", "w ADDR REG VALUE", the errno with its sign after or in place of the value
 *            if the access failed, and "# TEXT" for marks, results and changes of the link. write: clears it.
 * mark       write TEXT: adds it to the trace.
 * fail       write "N ERRNO": the Nth access from now fails; "N short": it reads as ffff, or is not written.
 *            "0" calls it off. read: how many accesses it is away; 0 when it has come.
 * link       read: "ADDR up|down SPEED DUPLEX CHANGES" for each PHY that is connected.
 * do         write "ACTION ADDR [ARGUMENTS]": calls phylib, and has its errno; see the table of actions below.
 *
 * Clause 22 PHYs have their MMDs behind registers 13 and 14, as the standard says.
 */
#include <linux/debugfs.h>
#include <linux/device.h>
#include <linux/etherdevice.h>
#include <linux/kernel.h>
#include <linux/mii.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/phy.h>
#include <linux/platform_device.h>
#include <linux/rtnetlink.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

#define MOCK_C22	32	/* In the place of an MMD: the registers of clause 22. */
#define MOCK_ENTRIES	65536
#define MOCK_SPECIALS	32
#define MOCK_STEPS	8
#define MOCK_WORDS	(3 + 2 * MOCK_STEPS)
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

/* What is behind a net_device. */
struct mock_port {
	int addr;
	bool up;
	int speed;
	int duplex;
	unsigned int changes;
};

static struct platform_device *mock_pdev;
static struct mii_bus *mock_bus;
static struct dentry *mock_dir;

/* Taken for as long as somebody writes to "phys" or "do", and before everything of phylib's. */
static DEFINE_MUTEX(mock_ops);
static struct net_device *mock_netdevs[PHY_MAX_ADDR];

/* For all below. Nothing is called with it held. */
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

static __printf(1, 2) void mock_mark(const char *format, ...)
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

static int mock_access(int addr, int mmd, int reg, bool write, u16 value)
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

static int mock_read(struct mii_bus *bus, int addr, int reg)
{
	return mock_access(addr, MOCK_C22, reg, false, 0);
}

static int mock_write(struct mii_bus *bus, int addr, int reg, u16 value)
{
	return mock_access(addr, MOCK_C22, reg, true, value);
}

static int mock_read_c45(struct mii_bus *bus, int addr, int mmd, int reg)
{
	return mock_access(addr, mmd, reg, false, 0);
}

static int mock_write_c45(struct mii_bus *bus, int addr, int mmd, int reg, u16 value)
{
	return mock_access(addr, mmd, reg, true, value);
}

/* What users write. */

static int mock_split(char *text, char **words)
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

static int mock_parse_addr(const char *word)
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

static int mock_set(char *text)
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

static int mock_selfclear(char *text)
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

static int mock_clear_trace(char *text)
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

static int mock_show_trace(struct seq_file *seq)
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

static int mock_add_mark(char *text)
{
	mock_mark("%s", text);
	return 0;
}

static int mock_fail(char *text)
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

static int mock_show_fail(struct seq_file *seq)
{
	mutex_lock(&mock_regs);
	seq_printf(seq, "%u\n", mock_fail_left);
	mutex_unlock(&mock_regs);
	return 0;
}

/* PHYs. */

static const char *mock_state(struct phy_device *phydev)
{
	static const char *const names[] = {
		[PHY_DOWN] = "down",
		[PHY_READY] = "ready",
		[PHY_HALTED] = "halted",
		[PHY_ERROR] = "error",
		[PHY_UP] = "up",
		[PHY_RUNNING] = "running",
		[PHY_NOLINK] = "nolink",
		[PHY_CABLETEST] = "cabletest",
	};

	return names[phydev->state];
}

static void mock_disconnect(int addr)
{
	struct net_device *netdev = mock_netdevs[addr];

	if (!netdev)
		return;
	rtnl_lock();
	phy_disconnect(netdev->phydev);
	rtnl_unlock();
	mock_netdevs[addr] = NULL;
	free_netdev(netdev);
}

/* Forgets the registers at an address, or has some: those that hold the id. */
static int mock_fill_regs(int addr, bool present, u32 id, bool c45)
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

static int mock_add_phy(int addr, u32 id, bool c45, bool poll)
{
	struct phy_device *phydev;
	int err;

	if (mdiobus_is_registered_device(mock_bus, addr))
		return -EEXIST;
	err = mock_fill_regs(addr, true, id, c45);
	if (err)
		goto err_forget;
	mock_bus->irq[addr] = poll ? PHY_POLL : PHY_MAC_INTERRUPT;
	phydev = get_phy_device(mock_bus, addr, c45);
	if (IS_ERR(phydev)) {
		err = PTR_ERR(phydev);
		goto err_forget;
	}
	err = phy_device_register(phydev);
	if (err) {
		phy_device_free(phydev);
		goto err_forget;
	}
	return 0;

err_forget:
	mock_fill_regs(addr, false, 0, c45);
	return err;
}

static int mock_remove_phy(int addr)
{
	struct phy_device *phydev = mdiobus_get_phy(mock_bus, addr);

	if (!phydev)
		return -ENODEV;
	mock_disconnect(addr);
	phy_device_remove(phydev);
	phy_device_free(phydev);
	mock_fill_regs(addr, false, 0, false);
	return 0;
}

static int mock_phys(char *text)
{
	char *words[MOCK_WORDS];
	int count = mock_split(text, words);
	bool poll = false;
	bool c45 = false;
	int addr;
	u32 id;
	int err;
	int i;

	if (count < 1)
		return count < 0 ? count : -EINVAL;
	if (words[0][0] == '-') {
		addr = mock_parse_addr(words[0] + 1);
		if (addr < 0)
			return addr;
		mutex_lock(&mock_ops);
		err = mock_remove_phy(addr);
		mutex_unlock(&mock_ops);
		return err;
	}
	if (count < 2)
		return -EINVAL;
	addr = mock_parse_addr(words[0]);
	if (addr < 0)
		return addr;
	err = kstrtou32(words[1], 16, &id);
	if (err)
		return err;
	for (i = 2; i < count; i++) {
		if (!strcmp(words[i], "c45"))
			c45 = true;
		else if (!strcmp(words[i], "poll"))
			poll = true;
		else
			return -EINVAL;
	}
	mutex_lock(&mock_ops);
	err = mock_add_phy(addr, id, c45, poll);
	mutex_unlock(&mock_ops);
	return err;
}

static int mock_show_phys(struct seq_file *seq)
{
	struct phy_device *phydev;
	int addr;
	u32 id;

	mutex_lock(&mock_ops);
	for (addr = 0; addr < PHY_MAX_ADDR; addr++) {
		phydev = mdiobus_get_phy(mock_bus, addr);
		if (!phydev)
			continue;
		device_lock(&phydev->mdio.dev);
		id = phydev->is_c45 ? phydev->c45_ids.device_ids[MDIO_MMD_PMAPMD] : phydev->phy_id;
		seq_printf(seq, "%d %08x %s %s %s\n", addr, id, phydev->is_c45 ? "c45" : "c22",
			   mock_state(phydev), phydev->drv ? phydev->drv->name : "-");
		device_unlock(&phydev->mdio.dev);
	}
	mutex_unlock(&mock_ops);
	return 0;
}

/* Connections. */

static const struct net_device_ops mock_netdev_ops = {};

/* phylib calls it with the PHY's lock held. */
static void mock_adjust_link(struct net_device *netdev)
{
	struct mock_port *port = netdev_priv(netdev);
	struct phy_device *phydev = netdev->phydev;

	port->up = phydev->link;
	port->speed = phydev->speed;
	port->duplex = phydev->duplex;
	port->changes++;
	mock_mark("link %d %s %s/%s", port->addr, port->up ? "up" : "down",
		  phy_speed_to_str(port->speed), phy_duplex_to_str(port->duplex));
}

static int mock_show_link(struct seq_file *seq)
{
	struct mock_port *port;
	int addr;

	mutex_lock(&mock_ops);
	for (addr = 0; addr < PHY_MAX_ADDR; addr++) {
		if (!mock_netdevs[addr])
			continue;
		port = netdev_priv(mock_netdevs[addr]);
		mutex_lock(&mock_netdevs[addr]->phydev->lock);
		seq_printf(seq, "%d %s %s %s %u\n", addr, port->up ? "up" : "down",
			   phy_speed_to_str(port->speed), phy_duplex_to_str(port->duplex), port->changes);
		mutex_unlock(&mock_netdevs[addr]->phydev->lock);
	}
	mutex_unlock(&mock_ops);
	return 0;
}

static int mock_do_connect(struct phy_device *phydev, int count, char **words)
{
	int addr = phydev->mdio.addr;
	struct net_device *netdev;
	struct mock_port *port;
	int err;

	if (mock_netdevs[addr])
		return -EISCONN;
	netdev = alloc_etherdev(sizeof(*port));
	if (!netdev)
		return -ENOMEM;
	/* It is never registered: phylib needs no more than its carrier and its parent. */
	SET_NETDEV_DEV(netdev, &mock_pdev->dev);
	netdev->netdev_ops = &mock_netdev_ops;
	port = netdev_priv(netdev);
	port->addr = addr;
	port->speed = SPEED_UNKNOWN;
	port->duplex = DUPLEX_UNKNOWN;
	rtnl_lock();
	err = phy_connect_direct(netdev, phydev, mock_adjust_link, PHY_INTERFACE_MODE_MII);
	rtnl_unlock();
	if (err) {
		free_netdev(netdev);
		return err;
	}
	mock_netdevs[addr] = netdev;
	return 0;
}

static int mock_do_disconnect(struct phy_device *phydev, int count, char **words)
{
	if (!mock_netdevs[phydev->mdio.addr])
		return -ENOTCONN;
	mock_disconnect(phydev->mdio.addr);
	return 0;
}

/* Actions: with the device's lock held, and a driver. */

static int mock_do_init(struct phy_device *phydev, int count, char **words)
{
	return phy_init_hw(phydev);
}

static int mock_do_aneg(struct phy_device *phydev, int count, char **words)
{
	return phy_start_aneg(phydev);
}

static int mock_do_status(struct phy_device *phydev, int count, char **words)
{
	int err;

	mutex_lock(&phydev->lock);
	err = phy_read_status(phydev);
	mock_mark("is %s %s/%s", phydev->link ? "up" : "down", phy_speed_to_str(phydev->speed),
		  phy_duplex_to_str(phydev->duplex));
	mutex_unlock(&phydev->lock);
	return err;
}

static int mock_do_suspend(struct phy_device *phydev, int count, char **words)
{
	return phy_suspend(phydev);
}

static int mock_do_resume(struct phy_device *phydev, int count, char **words)
{
	return phy_resume(phydev);
}

/* "force ADDR SPEED full|half", for the next aneg. */
static int mock_do_force(struct phy_device *phydev, int count, char **words)
{
	unsigned int speed;
	int err;

	if (count != 4)
		return -EINVAL;
	err = kstrtouint(words[2], 10, &speed);
	if (err)
		return err;
	mutex_lock(&phydev->lock);
	phydev->autoneg = AUTONEG_DISABLE;
	phydev->speed = speed;
	phydev->duplex = strcmp(words[3], "full") ? DUPLEX_HALF : DUPLEX_FULL;
	mutex_unlock(&phydev->lock);
	return 0;
}

static int mock_do_auto(struct phy_device *phydev, int count, char **words)
{
	mutex_lock(&phydev->lock);
	phydev->autoneg = AUTONEG_ENABLE;
	mutex_unlock(&phydev->lock);
	return 0;
}

/* "notify ADDR running|nolink": tells the driver, as the state machine does when it has come to that state. */
static int mock_do_notify(struct phy_device *phydev, int count, char **words)
{
	enum phy_state state;

	if (count != 3)
		return -EINVAL;
	if (!phydev->attached_dev)
		return -ENOTCONN;
	if (!phydev->drv->link_change_notify)
		return -EOPNOTSUPP;
	mutex_lock(&phydev->lock);
	state = phydev->state;
	phydev->state = strcmp(words[2], "nolink") ? PHY_RUNNING : PHY_NOLINK;
	phydev->drv->link_change_notify(phydev);
	phydev->state = state;
	mutex_unlock(&phydev->lock);
	return 0;
}

static int mock_do_start(struct phy_device *phydev, int count, char **words)
{
	if (!phydev->attached_dev)
		return -ENOTCONN;
	if (phydev->state != PHY_READY && phydev->state != PHY_HALTED)
		return -EBUSY;
	phy_start(phydev);
	flush_delayed_work(&phydev->state_queue);
	return 0;
}

static int mock_do_stop(struct phy_device *phydev, int count, char **words)
{
	if (!phy_is_started(phydev) && phydev->state != PHY_ERROR)
		return -EALREADY;
	phy_stop(phydev);
	return 0;
}

/* One run of the state machine. */
static int mock_do_poll(struct phy_device *phydev, int count, char **words)
{
	if (!phy_is_started(phydev))
		return -ENETDOWN;
	phy_trigger_machine(phydev);
	flush_delayed_work(&phydev->state_queue);
	return 0;
}

static const struct mock_action {
	const char *name;
	int (*call)(struct phy_device *phydev, int count, char **words);
	/* phylib's functions take the device's lock by themselves, or need no driver. */
	bool unlocked;
} mock_actions[] = {
	{ "connect", mock_do_connect, true },
	{ "disconnect", mock_do_disconnect, true },
	{ "init", mock_do_init },
	{ "aneg", mock_do_aneg },
	{ "status", mock_do_status },
	{ "suspend", mock_do_suspend },
	{ "resume", mock_do_resume },
	{ "force", mock_do_force },
	{ "auto", mock_do_auto },
	{ "notify", mock_do_notify },
	{ "start", mock_do_start },
	{ "stop", mock_do_stop },
	{ "poll", mock_do_poll },
};

static int mock_act(const struct mock_action *action, int addr, int count, char **words)
{
	struct phy_device *phydev = mdiobus_get_phy(mock_bus, addr);
	int err = -ENXIO;

	if (!phydev)
		return -ENODEV;
	if (action->unlocked)
		return action->call(phydev, count, words);
	/* With it the driver stays. */
	device_lock(&phydev->mdio.dev);
	if (phydev->drv)
		err = action->call(phydev, count, words);
	device_unlock(&phydev->mdio.dev);
	return err;
}

static int mock_do(char *text)
{
	char *words[MOCK_WORDS];
	int count = mock_split(text, words);
	int addr;
	int err;
	int i;

	if (count < 2)
		return count < 0 ? count : -EINVAL;
	addr = mock_parse_addr(words[1]);
	if (addr < 0)
		return addr;
	for (i = 0; i < ARRAY_SIZE(mock_actions); i++) {
		if (strcmp(words[0], mock_actions[i].name))
			continue;
		mutex_lock(&mock_ops);
		err = mock_act(&mock_actions[i], addr, count, words);
		mock_mark("%s %d: %d", words[0], addr, err);
		mutex_unlock(&mock_ops);
		return err < 0 ? err : 0;
	}
	return -EINVAL;
}

/* Files. */

static const struct mock_file {
	const char *name;
	int (*write)(char *text);
	int (*show)(struct seq_file *seq);
} mock_files[] = {
	{ "phys", mock_phys, mock_show_phys },
	{ "set", mock_set },
	{ "selfclear", mock_selfclear },
	{ "trace", mock_clear_trace, mock_show_trace },
	{ "mark", mock_add_mark },
	{ "fail", mock_fail, mock_show_fail },
	{ "link", NULL, mock_show_link },
	{ "do", mock_do },
};

static int mock_file_show(struct seq_file *seq, void *unused)
{
	const struct mock_file *file = seq->private;

	return file->show ? file->show(seq) : 0;
}

static int mock_file_open(struct inode *inode, struct file *file)
{
	return single_open(file, mock_file_show, inode->i_private);
}

static ssize_t mock_file_write(struct file *file, const char __user *from, size_t count, loff_t *pos)
{
	const struct mock_file *own = file_inode(file)->i_private;
	char text[160];
	int err;

	if (!own->write)
		return -EPERM;
	if (count >= sizeof(text))
		return -E2BIG;
	if (copy_from_user(text, from, count))
		return -EFAULT;
	text[count] = 0;
	err = own->write(strim(text));
	return err ? err : count;
}

static const struct file_operations mock_file_fops = {
	.owner = THIS_MODULE,
	.open = mock_file_open,
	.read = seq_read,
	.write = mock_file_write,
	.llseek = seq_lseek,
	.release = single_release,
};

/* The bus. */

static struct platform_driver mock_driver = {
	.driver = {
		.name = "mock_mdio",
	},
};

static int __init mock_init_bus(void)
{
	int err;

	mock_bus = mdiobus_alloc();
	if (!mock_bus)
		return -ENOMEM;
	mock_bus->name = "mock";
	strscpy(mock_bus->id, "mock");
	mock_bus->parent = &mock_pdev->dev;
	mock_bus->read = mock_read;
	mock_bus->write = mock_write;
	mock_bus->read_c45 = mock_read_c45;
	mock_bus->write_c45 = mock_write_c45;
	/* Not to look for PHYs by itself. */
	mock_bus->phy_mask = ~0;
	err = mdiobus_register(mock_bus);
	if (err)
		mdiobus_free(mock_bus);
	return err;
}

static int __init mock_init(void)
{
	int err;
	int i;

	mock_trace = vcalloc(MOCK_ENTRIES, sizeof(*mock_trace));
	if (!mock_trace)
		return -ENOMEM;
	err = platform_driver_register(&mock_driver);
	if (err)
		goto err_trace;
	/* phylib wants a net_device's parent to have a driver. */
	mock_pdev = platform_device_register_simple("mock_mdio", PLATFORM_DEVID_NONE, NULL, 0);
	if (IS_ERR(mock_pdev)) {
		err = PTR_ERR(mock_pdev);
		goto err_driver;
	}
	if (!mock_pdev->dev.driver) {
		err = -ENODEV;
		goto err_device;
	}
	err = mock_init_bus();
	if (err)
		goto err_device;
	mock_dir = debugfs_create_dir("mock_mdio", NULL);
	for (i = 0; i < ARRAY_SIZE(mock_files); i++)
		debugfs_create_file(mock_files[i].name, 0600, mock_dir, (void *)&mock_files[i], &mock_file_fops);
	return 0;

err_device:
	platform_device_unregister(mock_pdev);
err_driver:
	platform_driver_unregister(&mock_driver);
err_trace:
	vfree(mock_trace);
	return err;
}

static void __exit mock_exit(void)
{
	int addr;

	debugfs_remove(mock_dir);
	for (addr = 0; addr < PHY_MAX_ADDR; addr++)
		mock_disconnect(addr);
	mdiobus_unregister(mock_bus);
	mdiobus_free(mock_bus);
	platform_device_unregister(mock_pdev);
	platform_driver_unregister(&mock_driver);
	xa_destroy(&mock_values);
	vfree(mock_trace);
}

module_init(mock_init);
module_exit(mock_exit);

MODULE_DESCRIPTION("An MDIO bus without hardware, for tests");
MODULE_LICENSE("GPL");
