// SPDX-License-Identifier: GPL-2.0

#include <linux/acpi.h>

__rust_helper struct acpi_device *rust_helper_ACPI_COMPANION(struct device *dev)
{
	return ACPI_COMPANION(dev);
}

#ifndef CONFIG_ACPI
__rust_helper const struct acpi_device_id *
rust_helper_acpi_match_device(const struct acpi_device_id *ids, const struct device *dev)
{
	return acpi_match_device(ids, dev);
}

/* C has none without ACPI: there nothing matches. */
__rust_helper bool rust_helper_acpi_of_match_device(const struct acpi_device *adev,
						    const struct of_device_id *of_match_table,
						    const struct of_device_id **of_id)
{
	return false;
}
#endif
