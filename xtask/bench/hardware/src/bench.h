/* SPDX-License-Identifier: GPL-2.0 */
/* What the harness and the loops share. */

#ifndef BENCH_H
#define BENCH_H

#include <linux/pci.h>

#include "../../loops.h"

/* How many bytes the device and its driver share. */
#define BENCH_COHERENT 4096

/* Registers of QEMU's edu device (its docs/specs/edu), as in in_rust.rs. */
#define EDU_LIVENESS 0x04
#define EDU_INTERRUPT_STATUS 0x24
#define EDU_INTERRUPT_RAISE 0x60
#define EDU_INTERRUPT_ACKNOWLEDGE 0x64

/* The field that a loop changes. */
#define EDU_LIVENESS_FIELD GENMASK(15, 8)

/* The device, for the loops in C. */
struct bench_card {
	struct pci_dev *pdev;
	void __iomem *registers;
	int irq;
	unsigned long interrupts;
};

extern struct bench_card bench_card;

/* What a loop calls that does not get to its end: its numbers mean nothing. */
void bench_failed(void);

/* The device, for the loops in Rust: what bench_rust_open returned. */
extern void *bench_rust_card;

/*
 * Maps the registers for the loops in Rust, and allocates the interrupt's vector, which both sides
 * use. Returns NULL if it can't.
 */
void *bench_rust_open(struct device *dev);
void bench_rust_close(void *card);

BENCH_LOOP(register_read);
BENCH_LOOP(register_write);
BENCH_LOOP(register_field);
BENCH_LOOP(devres_access);
BENCH_LOOP(devres_try_access);
BENCH_LOOP(interrupt);
BENCH_LOOP(coherent);

#endif
