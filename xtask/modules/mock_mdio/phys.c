// SPDX-License-Identifier: GPL-2.0
/* PHYs that come and go, their connections, and what phylib can be made to do with them. */
#include <linux/device.h>
#include <linux/etherdevice.h>
#include <linux/kernel.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/phy.h>
#include <linux/platform_device.h>
#include <linux/rtnetlink.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include "mock.h"

/* What is behind a net_device. */
struct mock_port {
	int addr;
	bool up;
	int speed;
	int duplex;
	unsigned int changes;
};

/* Taken for as long as somebody writes to "phys" or "do", and before everything of phylib's. */
static DEFINE_MUTEX(mock_ops);
static struct net_device *mock_netdevs[PHY_MAX_ADDR];

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

void mock_disconnect(int addr)
{
	struct net_device *netdev = mock_netdevs[addr];
	struct phy_device *phydev;

	if (!netdev)
		return;
	phydev = netdev->phydev;
	rtnl_lock();
	/* After an error phy_disconnect() does not stop it, and its work may still be queued. */
	if (phy_is_started(phydev) || phydev->state == PHY_ERROR)
		phy_stop(phydev);
	phy_disconnect(phydev);
	rtnl_unlock();
	mock_netdevs[addr] = NULL;
	free_netdev(netdev);
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

int mock_phys(char *text)
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

int mock_show_phys(struct seq_file *seq)
{
	struct phy_device *phydev;
	struct device_driver *drv;
	int addr;
	u32 id;

	mutex_lock(&mock_ops);
	for (addr = 0; addr < PHY_MAX_ADDR; addr++) {
		phydev = mdiobus_get_phy(mock_bus, addr);
		if (!phydev)
			continue;
		device_lock(&phydev->mdio.dev);
		id = phydev->is_c45 ? phydev->c45_ids.device_ids[MDIO_MMD_PMAPMD] : phydev->phy_id;
		drv = phydev->mdio.dev.driver;
		seq_printf(seq, "%d %08x %s %s %s\n", addr, id, phydev->is_c45 ? "c45" : "c22",
			   mock_state(phydev), drv ? drv->name : "-");
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

int mock_show_link(struct seq_file *seq)
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
	/* With it a driver that is bound stays. phydev->drv may be one whose probe failed. */
	device_lock(&phydev->mdio.dev);
	if (phydev->mdio.dev.driver)
		err = action->call(phydev, count, words);
	device_unlock(&phydev->mdio.dev);
	return err;
}

int mock_do(char *text)
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
