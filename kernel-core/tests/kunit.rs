// SPDX-License-Identifier: GPL-2.0

//! What a failed assertion tells KUnit, on the host, with stand-ins for the C side.

extern crate kernel_core as kernel;

use core::{
    cell::{Cell, RefCell},
    ffi::{c_int, c_uint, c_void, CStr},
    fmt, ptr,
};
use kernel::{
    bindings,
    kunit::{in_kunit_test, is_test_result_ok},
    kunit_assert, kunit_assert_eq,
    str::CStrExt,
};
use std::{sync::mpsc, thread};

thread_local! {
    /// The test of this thread.
    static CURRENT: Cell<*mut bindings::kunit> = const { Cell::new(ptr::null_mut()) };
    static FAILURES: RefCell<Vec<Failure>> = const { RefCell::new(Vec::new()) };
    static LOG: RefCell<String> = const { RefCell::new(String::new()) };
    /// Where to report that the test has been ended.
    static ENDED: RefCell<Option<mpsc::Sender<Report>>> = const { RefCell::new(None) };
}

#[derive(Debug, PartialEq)]
struct Failure {
    file: String,
    line: c_int,
    condition: String,
}

struct Report {
    failures: Vec<Failure>,
    log: String,
}

#[no_mangle]
extern "C" fn rust_helper_kunit_get_current_test() -> *mut bindings::kunit {
    CURRENT.get()
}

/// Has no variable arguments, which makes no difference to the caller.
///
/// # Safety
///
/// As for the C function.
#[no_mangle]
unsafe extern "C" fn __kunit_do_failed_assertion(
    test: *mut bindings::kunit,
    location: *const bindings::kunit_loc,
    kind: c_uint,
    assertion: *const bindings::kunit_assert,
    format: *const c_void,
    message: *const c_void,
) {
    assert_eq!(test, CURRENT.get());
    assert_eq!(kind, bindings::kunit_assert_type_KUNIT_ASSERTION);
    assert!(ptr::eq(format, kunit_unary_assert_format as *const c_void));
    assert!(message.is_null());
    // SAFETY: The caller passes a location.
    let location = unsafe { &*location };
    // SAFETY: The formatting function is that of this type.
    let assertion = unsafe { &*assertion.cast::<bindings::kunit_unary_assert>() };
    assert!(assertion.expected_true);
    // SAFETY: The caller passes C strings.
    let text = |text: *const u8| unsafe { CStr::from_char_ptr(text) };
    FAILURES.with_borrow_mut(|failures| {
        failures.push(Failure {
            file: text(location.file).to_str().unwrap().into(),
            line: location.line,
            condition: text(assertion.condition).to_str().unwrap().into(),
        })
    });
}

#[no_mangle]
extern "C" fn kunit_unary_assert_format() {}

/// Does not return, as in the kernel: the stack of the test is abandoned.
#[no_mangle]
extern "C" fn __kunit_abort(_: *mut bindings::kunit) -> ! {
    let report = report();
    ENDED
        .with_borrow(|ended| ended.as_ref().unwrap().send(report))
        .unwrap();
    loop {
        thread::park();
    }
}

/// Has no variable arguments, which makes no difference to the caller.
///
/// # Safety
///
/// As for the C function, with `%pA` as the only conversion in `format`.
#[no_mangle]
unsafe extern "C" fn _printk(format: *const u8, arguments: *const fmt::Arguments<'_>) -> c_int {
    // SAFETY: The format is a C string.
    let format = unsafe { CStr::from_char_ptr(format) };
    let level = format.to_str().unwrap().strip_suffix("%pA").unwrap();
    // SAFETY: `%pA` takes a pointer to `fmt::Arguments`.
    let text = unsafe { &*arguments }.to_string();
    LOG.with_borrow_mut(|log| *log += &format!("{}{text}", &level[1..]));
    0
}

fn report() -> Report {
    Report {
        failures: FAILURES.take(),
        log: LOG.take(),
    }
}

/// Runs a test in a thread of its own, and tells whether it came to its end.
fn run(test: fn()) -> (bool, Report) {
    let (sender, receiver) = mpsc::channel();
    let ended = sender.clone();
    let thread = thread::spawn(move || {
        CURRENT.set(ptr::without_provenance_mut(8));
        ENDED.set(Some(sender));
        test();
        ended.send(report()).unwrap();
    });
    let report = receiver.recv().unwrap();
    // A thread that was ended stays parked.
    (report.failures.is_empty() && thread.join().is_ok(), report)
}

#[test]
fn what_holds_is_not_mentioned() {
    let (passed, report) = run(|| {
        assert!(in_kunit_test());
        kunit_assert!("name", c"file.rs", 0, 1 < 2);
        kunit_assert_eq!("name", c"file.rs", 0, String::from("a"), "a");
        kunit_assert!(
            "name",
            const { c"file.rs" },
            0,
            is_test_result_ok(Ok::<(), ()>(())),
        );
    });
    assert!(passed);
    assert_eq!(report.log, "");
}

#[test]
fn what_fails_ends_the_test() {
    let (passed, report) = run(|| {
        kunit_assert!("name", c"file.rs", line!() as i32 - 40, 2 < 1);
        unreachable!();
    });
    assert!(!passed);
    let failure = Failure {
        file: "file.rs".into(),
        line: 40,
        condition: "2 < 1".into(),
    };
    assert_eq!(report.failures, [failure]);
    assert_eq!(
        report.log,
        "3    # name: ASSERTION FAILED at file.rs:40\n\
         3    Expected 2 < 1 to be true, but is false\n"
    );
}

#[test]
fn both_sides_are_shown_and_evaluated_once() {
    thread_local!(static CALLS: Cell<u32> = const { Cell::new(0) });
    fn call() -> u32 {
        CALLS.set(CALLS.get() + 1);
        CALLS.get()
    }
    let (passed, report) = run(|| {
        kunit_assert_eq!("name", c"file.rs", 0, call(), 1);
        kunit_assert_eq!("name", c"file.rs", 0, call(), 3);
    });
    assert!(!passed);
    assert_eq!(report.failures[0].condition, "call() == 3");
    assert!(report.failures[0].line > 100);
}

#[test]
fn outside_of_a_test_a_failure_is_only_printed() {
    assert!(!in_kunit_test());
    kunit_assert!("name", c"file.rs", 0, is_test_result_ok(Err::<(), ()>(())));
    let Report { failures, log } = report();
    assert_eq!(failures, []);
    assert!(log.contains("name: ASSERTION FAILED"));
    assert!(log.contains("not counted"));
}
