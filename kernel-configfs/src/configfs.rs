// SPDX-License-Identifier: GPL-2.0

//! Configuration that user space makes with `mkdir` and writes to files.
//!
//! In sysfs the kernel shows objects that it has made. In configfs user space makes them: `mkdir` below
//! `/sys/kernel/config/SUBSYSTEM` makes an item, `rmdir` removes it, and the files in it, the item's
//! attributes, are its settings.
//!
//! To offer a subsystem:
//!
//! 1. Define a type for the data of each kind of directory. It is shared by all who use the directory
//!    at the same time, so what changes in it goes into locks and atomics.
//! 2. Implement [`AttributeOperations`] for it, once for each attribute, with a number of your choice
//!    to tell them apart.
//! 3. If directories can be made in it, implement [`GroupOperations`], whose
//!    [`make_group`](GroupOperations::make_group) says what they are.
//! 4. Tie these together with [`configfs_attrs!`], which gives an [`ItemType`].
//! 5. Initialise a [`Subsystem`] with it in your module. It is registered for as long as it lives.
//!
//! # Examples
//!
//! ```
//! use core::fmt::Write as _;
//! use kernel::{
//!     configfs::{configfs_attrs, AttributeOperations, Group, GroupOperations, Subsystem},
//!     page::PAGE_SIZE,
//!     str::Formatter,
//!     sync::atomic::{Atomic, Relaxed},
//! };
//!
//! # // SAFETY: What is built in has no module, and thus a null pointer.
//! # static THIS_MODULE: ThisModule = unsafe { ThisModule::from_ptr(core::ptr::null_mut()) };
//! /// The directory of the subsystem, in which a directory can be made for each lamp.
//! struct Lamps;
//!
//! #[vtable]
//! impl GroupOperations for Lamps {
//!     type Child = Lamp;
//!
//!     fn make_group(&self, name: &CStr) -> Result<impl PinInit<Group<Lamp>, Error>> {
//!         let item_type = configfs_attrs! {
//!             container: Group<Lamp>,
//!             data: Lamp,
//!             attributes: [
//!                 brightness: 0,
//!             ],
//!         };
//!         Ok(Group::new(name.try_into()?, item_type, Lamp::new()))
//!     }
//! }
//!
//! /// The directory of a lamp, with one attribute.
//! #[pin_data]
//! struct Lamp {
//!     brightness: Atomic<i32>,
//! }
//!
//! impl Lamp {
//!     fn new() -> impl PinInit<Self, Error> {
//!         try_pin_init!(Self { brightness: Atomic::new(50) })
//!     }
//! }
//!
//! #[vtable]
//! impl AttributeOperations<0> for Lamp {
//!     type Data = Lamp;
//!
//!     fn show(lamp: &Lamp, page: &mut [u8; PAGE_SIZE]) -> Result<usize> {
//!         let mut text = Formatter::new(page);
//!         writeln!(text, "{}", lamp.brightness.load(Relaxed))?;
//!         Ok(text.bytes_written())
//!     }
//!
//!     fn store(lamp: &Lamp, page: &[u8]) -> Result {
//!         let value = core::str::from_utf8(page)?.trim().parse().map_err(|_| EINVAL)?;
//!         if !(0..=100).contains(&value) {
//!             return Err(EINVAL);
//!         }
//!         lamp.brightness.store(value, Relaxed);
//!         Ok(())
//!     }
//! }
//!
//! let item_type = configfs_attrs! {
//!     container: Subsystem<Lamps>,
//!     data: Lamps,
//!     child: Lamp,
//!     attributes: [],
//! };
//! let lamps = KBox::pin_init(Subsystem::new(c"example_lamps", item_type, Ok(Lamps)), GFP_KERNEL)?;
//! // From here on `mkdir /sys/kernel/config/example_lamps/desk` makes a lamp.
//! drop(lamps);
//! # Ok::<(), Error>(())
//! ```
//!
//! # Surprises
//!
//! - `rmdir` works while files of the directory are open. Whoever uses them afterwards gets `ENOENT`,
//!   and no operation is called. It waits for operations that are under way.
//! - The attributes' operations run at the same time as each other, as `make_group`, and as
//!   `drop_item`. `make_group` and `drop_item` of one subsystem run one at a time.
//! - What is written to an attribute comes in one piece of up to 4095 bytes; more is cut off there,
//!   and the writer is told how much was taken. Writing nothing at all fails with `EFAULT` before it
//!   gets here.
//! - A module whose subsystem has items, or an attribute of which is open, can't be removed.
//!
//! C header: [`include/linux/configfs.h`](srctree/include/linux/configfs.h),
//! [`Documentation/filesystems/configfs.rst`](srctree/Documentation/filesystems/configfs.rst)

mod attribute;
mod group;
mod item_type;
mod macros;
mod subsystem;
#[cfg(CONFIG_KUNIT = "y")]
mod tests;

pub use crate::configfs_attrs;
pub use attribute::{Attribute, AttributeList, AttributeOperations};
pub use group::{Group, GroupOperations, HasGroup};
pub use item_type::ItemType;
pub use subsystem::Subsystem;

// For the expansion of `configfs_attrs!`.
#[doc(hidden)]
pub use attribute::{assert_names_differ, count_names, Entry};
#[doc(hidden)]
pub use item_type::ItemOperations;
