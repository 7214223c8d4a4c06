// SPDX-License-Identifier: GPL-2.0

//! The names of firmware files, as a module states them.

use crate::prelude::*;

/// Puts together what a module says about its firmware, at compile time.
///
/// The bytes are those of the section `.modinfo`: `firmware=PATH` with a zero byte after it, for each
/// path. Before it are the name of the module and a dot, for what is built into the kernel, where all
/// modules share one section. If the name is empty there is nothing before it, for what is loaded.
///
/// [`module_firmware!`] needs a function that makes the entries, generic over `N`. It is used twice:
/// with `N` = 0 it tells the length, and with that as `N` it writes the bytes.
///
/// # Examples
///
/// ```
/// use kernel::firmware::ModInfoBuilder;
///
/// const fn create<const N: usize>(module_name: &'static CStr) -> ModInfoBuilder<N> {
///     let mut builder = ModInfoBuilder::new(module_name);
///     let mut version = 1;
///     while version <= 2 {
///         let digit = [b'0' + version];
///         let Ok(digit) = core::str::from_utf8(&digit) else { panic!() };
///         builder = builder.new_entry().push("acme/v").push(digit).push(".bin");
///         version += 1;
///     }
///     builder
/// }
///
/// const LENGTH: usize = create(c"acme").build_length();
/// const INFO: [u8; LENGTH] = create(c"acme").build();
///
/// assert_eq!(INFO, *b"acme.firmware=acme/v1.bin\0acme.firmware=acme/v2.bin\0");
///
/// // What a module that is loaded has.
/// const LOADED: [u8; create(c"").build_length()] = create(c"").build();
///
/// assert_eq!(LOADED, *b"firmware=acme/v1.bin\0firmware=acme/v2.bin\0");
/// ```
///
/// [`module_firmware!`]: crate::module_firmware
pub struct ModInfoBuilder<const N: usize> {
    bytes: [u8; N],
    length: usize,
    module_name: &'static CStr,
}

impl<const N: usize> ModInfoBuilder<N> {
    /// Begins without entries, for the module of that name. It is empty for one that is loaded.
    pub const fn new(module_name: &'static CStr) -> Self {
        Self {
            bytes: [0; N],
            length: 0,
            module_name,
        }
    }

    /// Appends bytes; with `N` = 0 it only counts them.
    ///
    /// # Panics
    ///
    /// If there are more than `N`, which ends the build.
    const fn append(mut self, bytes: &[u8]) -> Self {
        let mut index = 0;
        while index < bytes.len() {
            if N != 0 {
                self.bytes[self.length] = bytes[index];
            }
            self.length += 1;
            index += 1;
        }
        self
    }

    /// Begins an entry. It ends with the next, or with all of them.
    pub const fn new_entry(self) -> Self {
        let this = if self.length == 0 {
            self
        } else {
            self.append(b"\0")
        };
        // This is compiled into the kernel, whoever calls it: only the caller knows what the entries are for.
        let name = this.module_name.to_bytes();
        let this = if name.is_empty() {
            this
        } else {
            this.append(name).append(b".")
        };
        this.append(b"firmware=")
    }

    /// Appends to the path of the entry.
    ///
    /// # Panics
    ///
    /// Which at compile time ends the build: before the first [`new_entry`](Self::new_entry), with a
    /// zero byte in `s`, and if it becomes longer than `N`, which is not 0.
    pub const fn push(self, s: &str) -> Self {
        if self.length == 0 {
            panic!("`push` before `new_entry`: there is no entry yet");
        }
        let bytes = s.as_bytes();
        let mut index = 0;
        while index < bytes.len() {
            if bytes[index] == 0 {
                panic!("a zero byte would end the entry");
            }
            index += 1;
        }
        self.append(bytes)
    }

    /// The bytes, with a zero after the last entry.
    ///
    /// # Panics
    ///
    /// If they are not `N`, which ends the build.
    pub const fn build(self) -> [u8; N] {
        let this = if self.length == 0 {
            self
        } else {
            self.append(b"\0")
        };
        if this.length != N {
            panic!("the entries are not as long as they were when they were measured");
        }
        this.bytes
    }
}

impl ModInfoBuilder<0> {
    /// How many bytes the entries take: the `N` that they are to be built with.
    pub const fn build_length(self) -> usize {
        if self.length == 0 {
            0
        } else {
            self.length + 1
        }
    }
}

/// States the firmware files of a module, with names that are computed at compile time.
///
/// What is given is the path of a type or module with a function `create`, which makes a
/// [`ModInfoBuilder<N>`](crate::firmware::ModInfoBuilder) for any `N` from the name of the module, which
/// is empty in a module that is loaded. It goes to the root of a module, after
/// [`module!`](macro@crate::prelude::module).
///
/// # Examples
///
/// ```
/// use kernel::firmware::ModInfoBuilder;
/// # use kernel::ModuleMetadata;
///
/// struct Files;
///
/// impl Files {
///     const fn create<const N: usize>(module_name: &'static CStr) -> ModInfoBuilder<N> {
///         ModInfoBuilder::new(module_name).new_entry().push("acme/").push("main.bin")
///     }
/// }
///
/// # struct LocalModule;
/// # impl ModuleMetadata for LocalModule {
/// #     const NAME: &'static CStr = c"rust_doc_module_firmware";
/// # }
/// kernel::module_firmware!(Files);
/// # // It says nothing that could be asked for here; `create` is what it calls.
/// # const LENGTH: usize = Files::create(LocalModule::NAME).build_length();
/// # assert!(LENGTH > b"firmware=acme/main.bin".len());
/// ```
#[macro_export]
macro_rules! module_firmware {
    ($($builder:tt)*) => {
        #[allow(unexpected_cfgs)]
        const _: () = {
            // Here it is asked about the module, and not about this crate.
            const NAME: &'static $crate::str::CStr = if ::core::cfg!(MODULE) {
                c""
            } else {
                <LocalModule as $crate::ModuleMetadata>::NAME
            };

            const LENGTH: usize = $($builder)*::create(NAME).build_length();

            $crate::__in_section! {
                ".modinfo" static FIRMWARE: [u8; LENGTH] = $($builder)*::create(NAME).build();
            }
        };
    };
}
