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
 * do         write "ACTION ADDR [ARGUMENTS]": calls phylib, and has its errno; see the table of actions in phys.c.
 *
 * Clause 22 PHYs have their MMDs behind registers 13 and 14, as the standard says.
 */
#include <linux/debugfs.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/phy.h>
#include <linux/platform_device.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "mock.h"

struct platform_device *mock_pdev;
struct mii_bus *mock_bus;
static struct dentry *mock_dir;

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

	err = mock_init_regs();
	if (err)
		return err;
	err = platform_driver_register(&mock_driver);
	if (err)
		goto err_regs;
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
err_regs:
	mock_exit_regs();
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
	mock_exit_regs();
}

module_init(mock_init);
module_exit(mock_exit);

MODULE_DESCRIPTION("An MDIO bus without hardware, for tests");
MODULE_LICENSE("GPL");
