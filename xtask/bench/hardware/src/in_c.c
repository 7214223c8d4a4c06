// SPDX-License-Identifier: GPL-2.0
/*
 * The loops in C: what the Rust side does with abstractions, written as a C driver would write it.
 */

#include <linux/bitfield.h>
#include <linux/dma-mapping.h>
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/pci.h>

#include "bench.h"

void bench_c_register_read(unsigned long rounds)
{
	void __iomem *registers = bench_card.registers;

	while (rounds--)
		readl(registers + EDU_LIVENESS);
}

void bench_c_register_write(unsigned long rounds)
{
	void __iomem *registers = bench_card.registers;

	while (rounds--)
		writel(rounds, registers + EDU_LIVENESS);
}

void bench_c_register_field(unsigned long rounds)
{
	void __iomem *registers = bench_card.registers;

	while (rounds--) {
		u32 value = readl(registers + EDU_LIVENESS);

		value &= ~EDU_LIVENESS_FIELD;
		value |= FIELD_PREP(EDU_LIVENESS_FIELD, rounds & 0xff);
		writel(value, registers + EDU_LIVENESS);
	}
}

/* In C a driver follows the pointer, and sees to it itself that the mapping is there. */
static void read_by_pointer(unsigned long rounds)
{
	struct bench_card *card = &bench_card;

	OPTIMIZER_HIDE_VAR(card);
	while (rounds--)
		readl(READ_ONCE(card->registers) + EDU_LIVENESS);
}

void bench_c_devres_access(unsigned long rounds)
{
	read_by_pointer(rounds);
}

void bench_c_devres_try_access(unsigned long rounds)
{
	read_by_pointer(rounds);
}

static irqreturn_t c_interrupt(int irq, void *data)
{
	struct bench_card *card = data;
	u32 causes = readl(card->registers + EDU_INTERRUPT_STATUS);

	if (!causes)
		return IRQ_NONE;
	writel(causes, card->registers + EDU_INTERRUPT_ACKNOWLEDGE);
	WRITE_ONCE(card->interrupts, READ_ONCE(card->interrupts) + 1);
	return IRQ_HANDLED;
}

void bench_c_interrupt(unsigned long rounds)
{
	struct bench_card *card = &bench_card;

	if (request_irq(card->irq, c_interrupt, 0, "bench", card)) {
		bench_failed();
		return;
	}
	while (rounds--) {
		unsigned long before = READ_ONCE(card->interrupts);

		writel(1, card->registers + EDU_INTERRUPT_RAISE);
		while (READ_ONCE(card->interrupts) == before)
			cpu_relax();
	}
	free_irq(card->irq, card);
}

void bench_c_coherent(unsigned long rounds)
{
	struct device *dev = &bench_card.pdev->dev;

	while (rounds--) {
		dma_addr_t address;
		void *bytes = dma_alloc_coherent(dev, BENCH_COHERENT, &address, GFP_KERNEL);

		if (!bytes) {
			bench_failed();
			return;
		}
		OPTIMIZER_HIDE_VAR(bytes);
		dma_free_coherent(dev, BENCH_COHERENT, bytes, address);
	}
}
