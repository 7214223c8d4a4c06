// SPDX-License-Identifier: GPL-2.0

#include <linux/bug.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/sched.h>

/*
 * Only the task itself takes its table away, when it exits. After that, as in the release operation
 * of a file that the exit has closed, whatever looks into the table would follow a null pointer.
 */
__rust_helper bool rust_helper_current_has_files(void)
{
	return current->files;
}

/*
 * get_file() warns when the file is being released, and goes on: what it counts is freed all the
 * same. Safe code can get here from a release operation, so this does not go on.
 */
__rust_helper void rust_helper_get_file(struct file *file)
{
	BUG_ON(!file_ref_get(&file->f_ref));
}
