// SPDX-License-Identifier: GPL-2.0

//! Types that are generic over a lifetime, passed around without one.
//!
//! See [`ForLt`]. Everything else in here is for the expansion of the macro of the same name.

use core::marker::PhantomData;

/// Stands for a type with a lifetime left open: a function from lifetimes to types.
///
/// `ForLt!(Data<'_>)` (the macro) is a type that implements this trait (the trait), with
/// `Of<'a> = Data<'a>`. A registration can then be generic over `F: ForLt`, store an
/// `F::Of<'bound>`, and lend it out as an `F::Of<'a>` for a shorter `'a`, which is what neither a
/// type parameter (it has one lifetime) nor a trait object (it has none) could do.
///
/// Lending for a shorter lifetime is only sound if `F::Of<'a>` is covariant in `'a`. The macro has
/// the compiler check that.
///
/// # Safety
///
/// `Of<'a>` is covariant in `'a`: if `'long: 'short`, a value of `Of<'long>` is a value of
/// `Of<'short>`.
///
/// # Examples
///
/// ```
/// use kernel::types::ForLt;
///
/// struct View<'a> {
///     bytes: &'a [u8],
/// }
///
/// /// Keeps a view of something that lives for `'long`.
/// struct Shelf<'long, F: ForLt>(F::Of<'long>);
///
/// impl<'long, F: ForLt> Shelf<'long, F> {
///     fn lend<'short>(&'short self) -> &'short F::Of<'short> {
///         F::cast_ref(&self.0)
///     }
/// }
///
/// static BYTES: [u8; 3] = [1, 2, 3];
/// let shelf = Shelf::<'static, ForLt!(View<'_>)>(View { bytes: &BYTES });
/// assert_eq!(shelf.lend().bytes.len(), 3);
/// ```
pub unsafe trait ForLt {
    /// The type for the lifetime `'a`.
    type Of<'a>: 'a;

    /// Shortens the lifetime inside a reference.
    #[inline(always)]
    fn cast_ref<'r, 'short: 'r, 'long: 'short>(long: &'r Self::Of<'long>) -> &'r Self::Of<'short> {
        let short = core::ptr::from_ref(long).cast::<Self::Of<'short>>();
        // SAFETY: The reference was one, and `Of` is covariant: safety requirement of the trait.
        unsafe { &*short }
    }
}

/// A type chosen by a lifetime.
///
/// The macro names `dyn for<'a> WithLt<'a, Of = Data<'a>>`, which implements this trait for every
/// lifetime without anyone writing an `impl`.
#[doc(hidden)]
pub trait WithLt<'a> {
    /// The type for the lifetime `'a`.
    type Of: 'a;
}

/// What `ForLt!(…)` is.
///
/// `T` is `dyn for<'a> WithLt<'a, Of = …>`. `WF` is `for<'a> fn(&'a ()) -> …`, naming the same type:
/// that makes the compiler check that it is well-formed for every lifetime. `N` has no meaning; the
/// macro computes it in a block that holds the proof of covariance, which is a function from
/// `Of<'long>` to `Of<'short>` that returns its argument.
///
/// # Safety
///
/// To name this type with a `T` is to promise that `<T as WithLt<'a>>::Of` is covariant in `'a`. (The
/// type itself can only be a safe item. That it is unnameable but for a hidden path, and says so in
/// its name, has to do.)
#[doc(hidden)]
pub struct UnsafeForLtImpl<T: ?Sized, WF, const N: usize>(PhantomData<fn(WF) -> *const T>);

// SAFETY: Whoever names the type promises that `Of` is covariant.
unsafe impl<T, WF, const N: usize> ForLt for UnsafeForLtImpl<T, WF, N>
where
    T: ?Sized + for<'a> WithLt<'a>,
{
    type Of<'a> = <T as WithLt<'a>>::Of;
}
