// SPDX-License-Identifier: GPL-2.0

#include <linux/mm.h>

__rust_helper struct vm_area_struct *rust_helper_vma_lookup(struct mm_struct *mm,
							    unsigned long addr)
{
	return vma_lookup(mm, addr);
}

__rust_helper void rust_helper_vm_flags_mod(struct vm_area_struct *vma, vm_flags_t set,
					    vm_flags_t clear)
{
	vm_flags_mod(vma, set, clear);
}
