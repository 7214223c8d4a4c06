// SPDX-License-Identifier: GPL-2.0

//! What the macros generate, put to work on the host as far as no C code is needed for that.

use kernel::{
    fmt,
    macros::{concat_idents, fmt, paste, vtable},
    types::ForLt,
};

macro_rules! formatted {
    ($($arguments:tt)*) => {
        fmt!($($arguments)*).to_string()
    };
}

/// Only has the kernel's `Display`.
struct Percent(u8);

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}%", self.0)
    }
}

impl Percent {
    fn describe(&self) -> String {
        formatted!("{{self}} is {self}, and {0}", self.0)
    }
}

#[test]
fn fmt_displays_by_the_kernels_trait() {
    let load = Percent(40);
    assert_eq!(formatted!("{load} {} {0}", Percent(1)), "40% 1% 1%");
    assert_eq!(formatted!("{x}{x}", x = load), "40%40%");
    assert_eq!(formatted!("{} {}", c"tty0", *"str"), "tty0 str");
    assert_eq!(Percent(3).describe(), "{self} is 3%, and 3");
}

#[test]
fn fmt_passes_options_on() {
    let r#type = 26;
    assert_eq!(
        formatted!("{type:#x} {:>5}|{:<3}|", 'c', 1),
        "0x1a     c|1  |"
    );
    assert_eq!(
        formatted!("{:?} {:08.3e}", "a\"b", 1234.5),
        "\"a\\\"b\" 01.234e3"
    );
}

#[test]
fn fmt_takes_widths_from_arguments() {
    let (width, precision) = (6, 2);
    assert_eq!(
        formatted!("{:width$}|{:>1$}|", 1, 4, width = width),
        "     1|   4|"
    );
    assert_eq!(
        formatted!("{:.precision$?}|{:.*?}", 1.0, 1, 2.0),
        "1.00|2.0"
    );
    // The same argument is a value, too.
    assert_eq!(
        formatted!("{width:width$}|{:1$}|{}", 5, width),
        "     6|     5|6"
    );
    assert_eq!(formatted!("{:.*?} {0}", 3, 0.5), "0.500 3");
    assert_eq!(formatted!("{0:0$}", 4), "   4");
}

#[test]
fn fmt_evaluates_arguments_once() {
    let mut calls = 0;
    let mut call = || {
        calls += 1;
        calls
    };
    assert_eq!(formatted!("{0} {0} {x} {x}", call(), x = 7), "1 1 7 7");
    assert_eq!(calls, 1);
}

#[test]
fn fmt_looks_names_up_where_they_stand() {
    macro_rules! with_local {
        ($format:literal) => {{
            let x = "the macro's";
            let _ = x;
            formatted!($format)
        }};
    }
    let x = "the caller's";
    assert_eq!(with_local!("{x}"), "the caller's");
    let _ = x;
}

#[test]
fn fmt_takes_every_kind_of_expression() {
    let pair = (1, [2, 3]);
    assert_eq!(
        formatted!(
            "{} {} {} {}",
            pair.1[1],
            -pair.0,
            { 5 },
            <u8 as From<bool>>::from(true)
        ),
        "3 -1 5 1"
    );
    let (a, b) = (2, 3);
    assert_eq!(formatted!("{} {}", a == b, a < b && a != 3), "false true");
    assert_eq!(formatted!(concat!("{}", "-{}"), a, b), "2-3");
    assert_eq!(formatted!("no arguments {{}}"), "no arguments {}");
}

macro_rules! flags {
    ($name:ident: $type:ty { $($flag:ident = $bit:expr),* }) => {
        paste! {
            #[derive(Default)]
            struct [<$name Flags>]($type);

            impl [<$name Flags>] {
                $(
                    const [<$flag:snake:upper>]: $type = 1 << $bit;

                    fn [<set_ $flag:snake>](mut self) -> Self {
                        self.0 |= Self::[<$flag:snake:upper>];
                        self
                    }

                    fn [<$flag:snake _name>]() -> &'static str {
                        stringify!([<$flag:lower>])
                    }
                )*

                fn [<to_ $type>](&self) -> $type {
                    self.0 & $type::MAX
                }
            }
        }
    };
}

flags!(Port: u16 { Ready = 0, SlowLink = 4 });

#[test]
fn paste_makes_names() {
    let flags = PortFlags::default().set_ready().set_slow_link();
    assert_eq!(flags.to_u16(), 0x11);
    assert_eq!(PortFlags::SLOW_LINK, 16);
    assert_eq!(PortFlags::slow_link_name(), "slowlink");
    assert_eq!(PortFlags::ready_name(), "ready");
}

#[test]
fn paste_makes_local_names() {
    macro_rules! sum {
        ($($name:ident)*) => {
            paste! {{
                $(let [<twice_ $name>] = 2 * $name;)*
                0 $(+ [<twice_ $name>])*
            }}
        };
    }
    let (a, b) = (1, 10);
    assert_eq!(sum!(a b), 22);
}

#[test]
fn paste_leaves_types_alone() {
    macro_rules! largest {
        ($($type:ty),*) => {
            paste!([$(<$type as TryFrom<u64>>::try_from(u64::from($type::MAX)).is_ok()),*])
        };
    }
    assert_eq!(largest!(u8, u32), [true, true]);
    assert_eq!(paste!([<u8 as Into<u64>>::into(1); 2]), [1, 1]);
}

#[test]
fn concat_idents_makes_a_name() {
    const PREFIX_ONE: u8 = 1;
    assert_eq!(concat_idents!(PREFIX_, ONE), 1);
}

#[vtable]
trait Operations {
    fn start() -> u8;

    fn stop() -> u8 {
        unreachable!()
    }

    #[cfg(any())]
    fn never();
}

struct Least;

#[vtable]
impl Operations for Least {
    fn start() -> u8 {
        1
    }
}

/// Generic implementations have constants, too.
struct Both<T>(T);

#[vtable]
impl<T: Operations> Operations for Both<T> {
    fn start() -> u8 {
        T::start()
    }

    fn stop() -> u8 {
        2
    }
}

#[test]
fn vtable_tells_what_there_is() {
    const { assert!(Least::HAS_START && !Least::HAS_STOP) };
    const { assert!(Both::<Least>::HAS_START && Both::<Least>::HAS_STOP) };
    assert_eq!((Both::<Least>::start(), Both::<Least>::stop()), (1, 2));
}

struct View<'a> {
    bytes: &'a [u8],
}

struct Shelf<'long, F: ForLt + 'static>(F::Of<'long>);

impl<'long, F: ForLt + 'static> Shelf<'long, F> {
    fn lend(&self) -> &F::Of<'_> {
        F::cast_ref(&self.0)
    }
}

#[test]
fn for_lt_leaves_a_lifetime_open() {
    let bytes = [1, 2, 3];
    let shelf = Shelf::<ForLt!(View<'_>)>(View { bytes: &bytes });
    assert_eq!(shelf.lend().bytes.len(), 3);

    let shelf = Shelf::<ForLt!(for<'a> (View<'a>, &'a str))>((View { bytes: &bytes }, "x"));
    assert_eq!((shelf.lend().0.bytes[0], shelf.lend().1), (1, "x"));

    let shelf = Shelf::<ForLt!(())>(());
    assert_eq!(shelf.lend(), &());
}

#[test]
fn for_lt_needs_no_proof_of_what_is_plain() {
    fn first<T: Copy + 'static>(slice: &[T]) -> T {
        Shelf::<ForLt!(&[T])>(slice).lend()[0]
    }

    assert_eq!(first(&[4, 5]), 4);
}

#[test]
fn for_lt_is_one_type_wherever_it_stands() {
    use std::any::TypeId;

    fn id<F: ForLt + 'static>() -> TypeId {
        TypeId::of::<F>()
    }

    assert_eq!(
        id::<ForLt!(View<'_>)>(),
        id::<ForLt!(for<'any> View<'any>)>()
    );
    assert_ne!(id::<ForLt!(View<'_>)>(), id::<ForLt!(&u8)>());
}
