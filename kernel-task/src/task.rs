// SPDX-License-Identifier: GPL-2.0

//! Tasks: processes and threads.
//!
//! [`Task`] is any task, held by a count. [`CurrentTask`] is the one that runs this code, got by
//! [`current!`](crate::current): some of a task's parts may be looked at by the task itself only,
//! because nobody else changes them then. Such a reference never leaves the context it was made in.
//!
//! The C side is in [`include/linux/sched.h`](srctree/include/linux/sched.h).

use core::{
    ops::Deref,
    ptr::{self, NonNull},
};

use crate::{
    bindings,
    ffi::{c_int, c_long, c_uint},
    mm::MmWithUser,
    pid_namespace::PidNamespace,
    sync::aref::{ARef, AlwaysRefCounted},
    types::{NotThreadSafe, Opaque},
};

/// A timeout that never comes, in jiffies.
pub const MAX_SCHEDULE_TIMEOUT: c_long = c_long::MAX;

/// The state of a task that sleeps, and wakes on a signal too.
pub const TASK_INTERRUPTIBLE: c_int = bindings::TASK_INTERRUPTIBLE as c_int;

/// The state of a task that sleeps, and wakes on nothing else than what it waits for.
pub const TASK_UNINTERRUPTIBLE: c_int = bindings::TASK_UNINTERRUPTIBLE as c_int;

/// Beside a sleeping state: the task may be frozen meanwhile.
pub const TASK_FREEZABLE: c_int = bindings::TASK_FREEZABLE as c_int;

/// Both sleeping states, for waking.
pub const TASK_NORMAL: c_uint = bindings::TASK_NORMAL as c_uint;

/// The number of a task in some namespace.
pub type Pid = bindings::pid_t;

/// A task: [`struct task_struct`].
///
/// # Examples
///
/// Other code can keep a task, wake it, and tell it from others:
///
/// ```
/// use kernel::{sync::aref::ARef, task::Task};
///
/// struct Owner {
///     task: ARef<Task>,
/// }
///
/// impl Owner {
///     fn is_me(&self) -> bool {
///         *self.task == **current!()
///     }
/// }
///
/// let owner = Owner { task: ARef::from(&**current!()) };
/// assert!(owner.is_me());
/// assert_eq!(owner.task.pid(), current!().pid());
/// // To wake a task that runs already does nothing.
/// owner.task.wake_up();
/// ```
///
/// # Invariants
///
/// The task's count is not zero for as long as a reference to a value of this type exists.
///
/// [`struct task_struct`]: srctree/include/linux/sched.h
#[repr(transparent)]
pub struct Task(pub(crate) Opaque<bindings::task_struct>);

impl Task {
    /// The C structure of the task that runs this code.
    #[inline]
    pub fn current_raw() -> *mut bindings::task_struct {
        // SAFETY: There is a current task at all times.
        unsafe { bindings::get_current() }
    }

    /// The task that runs this code; [`current!`](crate::current) is the safe way to it.
    ///
    /// # Safety
    ///
    /// The value and what it dereferences to are gone before the current task is another one: they
    /// are neither moved to another thread nor kept in a place that outlives this context.
    #[inline]
    pub unsafe fn current() -> impl Deref<Target = CurrentTask> {
        CurrentRef(Task::current_raw().cast())
    }

    /// The C structure.
    #[inline]
    pub fn as_ptr(&self) -> *mut bindings::task_struct {
        self.0.get()
    }

    /// The real user id.
    #[inline]
    pub fn uid(&self) -> Kuid {
        // SAFETY: By the invariant of `Self`, the task is alive; C reads its credentials under RCU.
        Kuid::from_raw(unsafe { bindings::task_uid(self.as_ptr()) })
    }

    /// The effective user id.
    #[inline]
    pub fn euid(&self) -> Kuid {
        // SAFETY: As in `uid`.
        Kuid::from_raw(unsafe { bindings::task_euid(self.as_ptr()) })
    }

    /// Whether a signal waits to be handled.
    #[inline]
    pub fn signal_pending(&self) -> bool {
        // SAFETY: By the invariant of `Self`, the task is alive.
        unsafe { bindings::signal_pending(self.as_ptr()) != 0 }
    }

    /// The namespace of the task's own number; [`None`] once the task has exited.
    #[inline]
    pub fn get_pid_ns(&self) -> Option<ARef<PidNamespace>> {
        // SAFETY: By the invariant of `Self`, the task is alive.
        let ns = unsafe { bindings::task_get_pid_ns(self.as_ptr()) };
        let ns = NonNull::new(ns)?;
        // SAFETY: The namespace has been counted up, which the new reference owns.
        Some(unsafe { ARef::from_raw(ns.cast()) })
    }

    /// The number of the task's process as `pidns` sees it, or else as the current task's namespace
    /// does; 0 when it is not to be seen from there.
    #[inline]
    pub fn tgid_nr_ns(&self, pidns: Option<&PidNamespace>) -> Pid {
        let ns = pidns.map_or(ptr::null_mut(), PidNamespace::as_ptr);
        // SAFETY: By the invariant of `Self`, the task is alive; so is the namespace, if there is one.
        unsafe { bindings::task_tgid_nr_ns(self.as_ptr(), ns) }
    }

    /// The number of the task in the initial namespace.
    ///
    /// It stays the same but for a thread that is not the leader of its process and runs `exec`: that
    /// one takes over the leader's number.
    #[inline]
    pub fn pid(&self) -> Pid {
        // SAFETY: By the invariant of `Self`, the task is alive.
        let pid = unsafe { &raw const (*self.as_ptr()).pid };
        // A thread that runs `exec` swaps numbers with the leader of its process: hence volatile, as
        // C's `READ_ONCE`.
        //
        // SAFETY: As above; C changes the number in one piece.
        unsafe { pid.read_volatile() }
    }

    /// Wakes the task, if it sleeps.
    #[inline]
    pub fn wake_up(&self) {
        // SAFETY: By the invariant of `Self`, the task is alive; a task that does not expect to be
        // woken looks at its condition again.
        unsafe { bindings::wake_up_process(self.as_ptr()) };
    }
}

impl PartialEq for Task {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        ptr::eq(self.as_ptr(), other.as_ptr())
    }
}

impl Eq for Task {}

// SAFETY: The task's count keeps the structure alive.
unsafe impl AlwaysRefCounted for Task {
    #[inline]
    fn inc_ref(&self) {
        // SAFETY: By the invariant of `Self`, the count is not zero yet.
        unsafe { bindings::get_task_struct(self.as_ptr()) };
    }

    #[inline]
    unsafe fn dec_ref(obj: NonNull<Self>) {
        // SAFETY: The caller gives up a count that it owns.
        unsafe { bindings::put_task_struct(obj.cast().as_ptr()) };
    }
}

// SAFETY: `put_task_struct` may be called from any thread.
unsafe impl Send for Task {}

// SAFETY: What a shared reference offers is constant for the task, read in one piece, or done under
// RCU.
unsafe impl Sync for Task {}

/// The task that runs this code.
///
/// # Examples
///
/// ```
/// let task = current!();
/// // A kernel thread, which runs this example, leads itself and has no address space.
/// assert!(task.group_leader() == &**task);
/// assert!(task.mm().is_none());
/// assert!(task.active_pid_ns().is_some());
/// ```
///
/// # Invariants
///
/// The task is `current` for as long as a reference to a value of this type exists; the reference
/// stays in the context it was made in.
#[repr(transparent)]
pub struct CurrentTask(Task, NotThreadSafe);

impl CurrentTask {
    /// The address space; [`None`] for most kernel threads.
    #[inline]
    pub fn mm(&self) -> Option<&MmWithUser> {
        // SAFETY: By the invariant of `Self`, this is the current task, and nobody else changes `mm`.
        let mm = unsafe { (*self.as_ptr()).mm };
        if mm.is_null() {
            return None;
        }
        // SAFETY: The task counts as a user of its address space until it gives it up, which takes
        // code that runs in no scope of this reference.
        Some(unsafe { MmWithUser::from_raw(mm) })
    }

    /// The namespace of the task's own number.
    #[inline]
    pub fn active_pid_ns(&self) -> Option<&PidNamespace> {
        // SAFETY: By the invariant of `Self`, the task is alive, and has not exited.
        let ns = unsafe { bindings::task_active_pid_ns(self.as_ptr()) };
        if ns.is_null() {
            return None;
        }
        // SAFETY: A task that has not exited keeps its `struct pid`, which keeps the namespace.
        Some(unsafe { PidNamespace::from_ptr(ns) })
    }

    /// The task that leads the process.
    #[inline]
    pub fn group_leader(&self) -> &Task {
        // SAFETY: By the invariant of `Self`, this is the current task. Another thread of the process
        // that takes over as the leader, in `exec`, waits for this one to exit before.
        let leader: *const bindings::task_struct = unsafe { (*self.as_ptr()).group_leader };
        // SAFETY: The leader's structure stays until all its threads have exited.
        unsafe { &*leader.cast() }
    }
}

impl Deref for CurrentTask {
    type Target = Task;

    #[inline]
    fn deref(&self) -> &Task {
        &self.0
    }
}

/// What [`Task::current`] returns: the reference can't outlive it.
struct CurrentRef(*const CurrentTask);

impl Deref for CurrentRef {
    type Target = CurrentTask;

    fn deref(&self) -> &CurrentTask {
        // SAFETY: By the contract of `Task::current`, this value has not left the task's context,
        // where the task is alive.
        unsafe { &*self.0 }
    }
}

/// Returns the [`CurrentTask`].
///
/// # Examples
///
/// ```
/// let task = current!();
/// assert!(task.pid() > 0);
/// assert!(!task.signal_pending());
/// ```
#[macro_export]
macro_rules! current {
    () => {
        // SAFETY: The temporary that is borrowed here stays in this function, so the reference is
        // gone before the task can be another.
        unsafe { &*$crate::task::Task::current() }
    };
}

/// A user id as the kernel keeps it, apart from any user namespace: [`kuid_t`].
///
/// # Examples
///
/// ```
/// use kernel::task::Kuid;
///
/// // This example is run by a kernel thread, and those belong to root.
/// let me = Kuid::current_euid();
/// assert_eq!(me.into_uid_in_current_ns(), 0);
/// assert!(me == current!().euid());
/// ```
///
/// [`kuid_t`]: srctree/include/linux/uidgid_types.h
#[derive(Copy, Clone)]
pub struct Kuid {
    kuid: bindings::kuid_t,
}

impl Kuid {
    /// Takes C's value.
    #[inline]
    pub fn from_raw(kuid: bindings::kuid_t) -> Self {
        Self { kuid }
    }

    /// C's value.
    #[inline]
    pub fn into_raw(self) -> bindings::kuid_t {
        self.kuid
    }

    /// The effective user id of the current task.
    #[inline]
    pub fn current_euid() -> Kuid {
        // SAFETY: A task may read its own credentials at any time.
        Self::from_raw(unsafe { bindings::current_euid() })
    }

    /// The number of this user in the current user namespace; all ones for a user without one.
    #[inline]
    pub fn into_uid_in_current_ns(self) -> bindings::uid_t {
        // SAFETY: A task may look at its own credentials at any time, and those hold the namespace.
        let ns = unsafe { bindings::current_user_ns() };
        // SAFETY: The namespace is that of the current task, which keeps it alive.
        unsafe { bindings::from_kuid(ns, self.kuid) }
    }
}

impl PartialEq for Kuid {
    #[inline]
    fn eq(&self, other: &Kuid) -> bool {
        // SAFETY: This function only compares its arguments.
        unsafe { bindings::uid_eq(self.kuid, other.kuid) }
    }
}

impl Eq for Kuid {}

/// Says that this function may sleep, wherever it is called from.
///
/// With `CONFIG_DEBUG_ATOMIC_SLEEP`, a call from atomic context prints a warning that names the
/// caller, whether or not the function would really have slept this time. C's macro of the same name
/// is in `include/linux/kernel.h`.
///
/// # Examples
///
/// ```
/// use kernel::task::might_sleep;
///
/// /// Takes its time when the cache has nothing.
/// fn lookup(cached: Option<u32>) -> u32 {
///     might_sleep();
///     cached.unwrap_or(42)
/// }
///
/// assert_eq!(lookup(None), 42);
/// ```
#[inline]
#[track_caller]
pub fn might_sleep() {
    #[cfg(CONFIG_DEBUG_ATOMIC_SLEEP)]
    {
        let caller = core::panic::Location::caller();
        let file = crate::file_from_location(caller);
        // SAFETY: The string ends with a zero byte, and outlives the call.
        unsafe {
            bindings::__might_sleep(
                crate::str::CStrExt::as_char_ptr(file),
                caller.line() as c_int,
            )
        };
    }

    // SAFETY: The caller may sleep, as this function says.
    unsafe { bindings::might_resched() };
}

#[macros::kunit_tests(rust_task)]
mod tests {
    use super::*;
    use crate::cred::Credential;

    #[test]
    fn a_kernel_thread_knows_itself() {
        let task = crate::current!();
        assert!(task.as_ptr() == Task::current_raw());
        assert!(task.pid() > 0);
        assert!(task.mm().is_none());
        assert!(task.group_leader() == &**task);
        assert!(task.uid() == task.euid());
        assert!(task.euid() == Kuid::current_euid());
        assert!(!task.signal_pending());
    }

    #[test]
    fn a_task_keeps_its_number_in_each_reference() {
        let task = ARef::from(&**crate::current!());
        let copy = task.clone();
        drop(task);
        assert_eq!(copy.pid(), crate::current!().pid());
        assert!(*copy == **crate::current!());
    }

    #[test]
    fn another_task_is_another_task() {
        let init: *const Task = (&raw const bindings::init_task).cast();
        // SAFETY: `init_task` is a static, and is never freed.
        let init = unsafe { &*init };
        assert!(*init != **crate::current!());
        assert_eq!(init.pid(), 0);
    }

    #[test]
    fn a_namespace_numbers_its_tasks() -> Result<(), crate::error::Error> {
        use crate::error::code::ESRCH;

        let task = crate::current!();
        let ns = task.get_pid_ns().ok_or(ESRCH)?;
        let same = task.active_pid_ns().ok_or(ESRCH)?;
        assert!(ns.as_ptr() == same.as_ptr());
        assert_eq!(task.tgid_nr_ns(Some(&ns)), task.tgid_nr_ns(None));
        assert_eq!(task.tgid_nr_ns(Some(&ns)), task.pid());
        Ok(())
    }

    #[test]
    fn the_first_credentials_are_those_of_root() {
        let init = &raw const bindings::init_task;
        // SAFETY: `init_task` is a static, and its credentials never change.
        let cred = unsafe { (*init).cred };
        // SAFETY: The first task keeps its credentials for ever.
        let cred = unsafe { Credential::from_ptr(cred) };
        assert_eq!(cred.euid().into_uid_in_current_ns(), 0);
        assert!(cred.euid() == Kuid::current_euid());
        let held: ARef<Credential> = cred.into();
        assert!(held.as_ptr() == cred.as_ptr());
        // No security module is on, and without one every number is 0.
        assert_eq!(held.get_secid(), 0);
    }

    #[test]
    fn user_ids_go_to_c_and_back() {
        let euid = Kuid::current_euid();
        assert!(Kuid::from_raw(euid.into_raw()) == euid);
        let other = Kuid::from_raw(bindings::kuid_t { val: 1000 });
        assert!(other != euid);
        assert_eq!(other.into_uid_in_current_ns(), 1000);
    }

    #[test]
    fn sleeping_states_are_those_of_c() {
        assert_eq!(
            TASK_NORMAL,
            (TASK_INTERRUPTIBLE | TASK_UNINTERRUPTIBLE) as c_uint
        );
        assert_eq!(TASK_INTERRUPTIBLE & TASK_FREEZABLE, 0);
    }
}
