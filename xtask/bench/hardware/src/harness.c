// SPDX-License-Identifier: GPL-2.0
/*
 * What registers, interrupts and memory of a device cost: a driver for QEMU's edu device, which runs
 * the loops when it is bound.
 */

#include <linux/module.h>
#include <linux/pci.h>

#include "bench.h"

struct bench_card bench_card;
void *bench_rust_card;

static bool failed;

void bench_failed(void)
{
	failed = true;
}

static const struct bench_loop loops[] = {
	LOOP("register read", register_read),
	LOOP("register write", register_write),
	LOOP("register field read+modify+write", register_field),
	LOOP("Devres access, and a register read", devres_access),
	LOOP("Devres try_access, and a register read", devres_try_access),
	LOOP("interrupt raised to handled", interrupt),
	LOOP("4 KiB coherent alloc+free", coherent),
};

static int bench_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	int err;

	err = pci_enable_device_mem(pdev);
	if (err)
		return err;
	pci_set_master(pdev);

	bench_card.pdev = pdev;
	bench_card.registers = pci_iomap(pdev, 0, 0);
	if (!bench_card.registers) {
		err = -ENOMEM;
		goto disable;
	}
	bench_rust_card = bench_rust_open(&pdev->dev);
	if (!bench_rust_card) {
		pci_err(pdev, "the Rust side can't have the device\n");
		err = -ENODEV;
		goto unmap;
	}
	if (!pdev->msi_enabled) {
		pci_err(pdev, "the interrupt is no MSI\n");
		err = -ENODEV;
		goto close;
	}
	bench_card.irq = pci_irq_vector(pdev, 0);

	bench_run(loops, ARRAY_SIZE(loops));
	if (failed) {
		pci_err(pdev, "a loop did not get to its end\n");
		err = -EIO;
		goto close;
	}
	pr_info("bench: complete\n");
	return 0;

close:
	bench_rust_close(bench_rust_card);
unmap:
	pci_iounmap(pdev, bench_card.registers);
disable:
	pci_disable_device(pdev);
	return err;
}

static void bench_remove(struct pci_dev *pdev)
{
	bench_rust_close(bench_rust_card);
	pci_iounmap(pdev, bench_card.registers);
	pci_disable_device(pdev);
}

static const struct pci_device_id bench_ids[] = {
	{ PCI_DEVICE(0x1234, 0x11e8) },
	{ }
};
MODULE_DEVICE_TABLE(pci, bench_ids);

static struct pci_driver bench_driver = {
	.name = "bench-hardware",
	.id_table = bench_ids,
	.probe = bench_probe,
	.remove = bench_remove,
};
module_pci_driver(bench_driver);

MODULE_DESCRIPTION("The same accesses to a device in C and in Rust, counted");
MODULE_LICENSE("GPL");
