// SPDX-License-Identifier: GPL-2.0

#include <linux/acpi.h>

__rust_helper struct acpi_device *rust_helper_ACPI_COMPANION(struct device *dev)
{
	return ACPI_COMPANION(dev);
}
