// SPDX-License-Identifier: GPL-2.0

#include <linux/cleanup.h>
#include <linux/module.h>
#include <linux/pwm.h>
#include <linux/rcupdate.h>

__rust_helper void *rust_helper_pwmchip_get_drvdata(const struct pwm_chip *chip)
{
	return pwmchip_get_drvdata(chip);
}

__rust_helper void rust_helper_pwmchip_set_drvdata(struct pwm_chip *chip, void *data)
{
	pwmchip_set_drvdata(chip, data);
}

__rust_helper struct device *rust_helper_pwmchip_parent(const struct pwm_chip *chip)
{
	return pwmchip_parent(chip);
}

/* The module that has @ops, which the caller has to keep from going; NULL for the kernel. */
__rust_helper struct module *rust_helper_pwm_ops_owner(const struct pwm_ops *ops)
{
	guard(rcu)();
	return __module_address((unsigned long)ops);
}
