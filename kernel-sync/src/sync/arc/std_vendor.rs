// SPDX-License-Identifier: GPL-2.0

//! From `Arc<dyn Any>` back to the type it was: what the standard library's `Arc` offers as well.

use super::{Arc, ArcInner};
use core::{any::Any, mem::ManuallyDrop};

impl Arc<dyn Any + Send + Sync> {
    /// Returns the `Arc<T>` that this once was.
    ///
    /// # Errors
    ///
    /// If the object is not a `T`; then the error is `self`.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::any::Any;
    /// use kernel::sync::Arc;
    ///
    /// fn describe(value: Arc<dyn Any + Send + Sync>) -> u32 {
    ///     match value.downcast::<u32>() {
    ///         Ok(number) => *number,
    ///         Err(other) => other.is::<bool>() as u32,
    ///     }
    /// }
    ///
    /// assert_eq!(describe(Arc::new(17u32, GFP_KERNEL)?), 17);
    /// assert_eq!(describe(Arc::new(true, GFP_KERNEL)?), 1);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn downcast<T>(self) -> Result<Arc<T>, Self>
    where
        T: Any + Send + Sync,
    {
        // Of the object: an `Arc` is itself an `Any`, too, so `&self` would be asked in its place.
        let object: &(dyn Any + Send + Sync) = &*self;
        if !object.is::<T>() {
            return Err(self);
        }
        let inner = ManuallyDrop::new(self).ptr.cast::<ArcInner<T>>();
        // SAFETY: The object is a `T`, so this is what it was allocated as; the reference of `self`
        // goes to the new `Arc`.
        Ok(unsafe { Arc::from_inner(inner) })
    }
}

#[crate::macros::kunit_tests(rust_arc_downcast)]
mod tests {
    use super::*;
    use crate::{
        prelude::*,
        sync::atomic::{Atomic, Relaxed},
    };

    #[derive(Debug, PartialEq)]
    #[repr(align(32))]
    struct Aligned(u8);

    #[test]
    fn back_to_what_it_was() -> Result {
        let one = Arc::new(Aligned(6), GFP_KERNEL)?;
        let any: Arc<dyn Any + Send + Sync> = one.clone();
        let Ok(two) = any.downcast::<Aligned>() else {
            return Err(EINVAL);
        };
        assert!(Arc::ptr_eq(&one, &two));
        drop(one);
        assert_eq!(*two, Aligned(6));
        assert!(Arc::into_unique_or_drop(two).is_some());
        Ok(())
    }

    #[test]
    fn not_to_anything_else() -> Result {
        let any: Arc<dyn Any + Send + Sync> = Arc::new(5u32, GFP_KERNEL)?;
        let Err(any) = any.downcast::<i32>() else {
            return Err(EINVAL);
        };
        assert_eq!(any.downcast::<u32>().ok().as_deref(), Some(&5));
        Ok(())
    }

    #[test]
    fn dropped_as_what_it_is() -> Result {
        static DROPS: Atomic<u32> = Atomic::new(0);

        struct Probe;

        impl Drop for Probe {
            fn drop(&mut self) {
                DROPS.add(1, Relaxed);
            }
        }

        // KUnit can be told to run this again.
        DROPS.store(0, Relaxed);
        let any: Arc<dyn Any + Send + Sync> = Arc::new(Probe, GFP_KERNEL)?;
        let failed = any.downcast::<u8>();
        assert_eq!(DROPS.load(Relaxed), 0);
        drop(failed);
        assert_eq!(DROPS.load(Relaxed), 1);
        Ok(())
    }
}
