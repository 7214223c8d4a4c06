// SPDX-License-Identifier: GPL-2.0

//! Tests of what happens when the device takes a resource back while others are about it.

use super::{bound, Devres};
use crate::{
    bindings,
    device::Device,
    devres::BoundSection,
    error::from_err_ptr,
    faux,
    ffi::{c_int, c_void},
    prelude::*,
    sync::{
        aref::ARef,
        atomic::{Atomic, AtomicFlag, Relaxed},
        Arc, Completion,
    },
};

/// A task of the kernel, which is waited for when this is dropped.
struct Task(Arc<Ended>);

/// That a task has ended.
#[pin_data]
struct Ended {
    flag: AtomicFlag,
    #[pin]
    completion: Completion,
}

impl Task {
    fn new(work: impl FnOnce() + Send + 'static) -> Result<Self> {
        /// # Safety
        ///
        /// `data` is the box that `new` gives away.
        unsafe extern "C" fn run<F: FnOnce()>(data: *mut c_void) -> c_int {
            // SAFETY: The caller says so.
            let work = unsafe { KBox::<(F, Arc<Ended>)>::from_raw(data.cast()) };
            let (work, ended) = KBox::into_inner(work);
            work();
            ended.flag.store(true, Relaxed);
            ended.completion.complete_all();
            0
        }
        fn entry<F: FnOnce()>(
            _: &KBox<(F, Arc<Ended>)>,
        ) -> unsafe extern "C" fn(*mut c_void) -> c_int {
            run::<F>
        }

        let ended = pin_init!(Ended {
            flag: AtomicFlag::new(false),
            completion <- Completion::new(),
        });
        let ended = Arc::pin_init(ended, GFP_KERNEL)?;
        let work = KBox::new((work, ended.clone()), GFP_KERNEL)?;
        let entry = entry(&work);
        let data = KBox::into_raw(work);
        // SAFETY: The function takes the box; the name has no directives.
        let task = unsafe {
            bindings::kthread_create_on_node(
                Some(entry),
                data.cast(),
                bindings::NUMA_NO_NODE,
                c"rust_devres".as_char_ptr(),
            )
        };
        let task = match from_err_ptr(task) {
            Ok(task) => task,
            Err(error) => {
                // SAFETY: No task has taken it.
                drop(unsafe { KBox::from_raw(data) });
                return Err(error);
            }
        };
        // SAFETY: It was made above, and ends only after it has been woken.
        unsafe { bindings::wake_up_process(task) };
        Ok(Self(ended))
    }

    fn has_ended(&self) -> bool {
        self.0.flag.load(Relaxed)
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.0.completion.wait_for_completion();
    }
}

fn completion() -> Result<Arc<Completion>> {
    Arc::pin_init(Completion::new(), GFP_KERNEL)
}

/// Lets others have the CPU, which a task of the kernel may keep.
fn give_way() {
    // SAFETY: The tests are in a task, and hold no lock.
    unsafe { bindings::yield_() };
}

/// Long enough for another task to do what it can.
fn pause() {
    // SAFETY: The tests are in a task, and hold no lock.
    unsafe { bindings::msleep(20) };
}

const ALIVE: u32 = 0x600d_600d;
const DEAD: u32 = 0xdead_dead;

/// Says whether it was dropped, to who looks at it afterwards; and how often, to others.
struct Canary {
    state: Atomic<u32>,
    drops: Arc<Atomic<i32>>,
}

impl Canary {
    fn new(drops: &Arc<Atomic<i32>>) -> Self {
        Self {
            state: Atomic::new(ALIVE),
            drops: drops.clone(),
        }
    }

    fn is_alive(&self) -> bool {
        self.state.load(Relaxed) == ALIVE
    }
}

impl Drop for Canary {
    fn drop(&mut self) {
        self.state.store(DEAD, Relaxed);
        self.drops.add(1, Relaxed);
    }
}

#[crate::macros::kunit_tests(rust_devres_races)]
mod cases {
    use super::*;

    /// Readers in other tasks have it whole, or not at all.
    #[test]
    fn access_against_unbinding() -> Result {
        let drops = Arc::new(Atomic::new(0), GFP_KERNEL)?;
        for round in 1..=20 {
            let faux = faux::Registration::new(c"rust_devres_access", None)?;
            let devres = Arc::new(Devres::new(bound(&faux), Canary::new(&drops))?, GFP_KERNEL)?;
            let broken = Arc::new(Atomic::new(0), GFP_KERNEL)?;
            let reader = || {
                let (devres, broken, started) = (devres.clone(), broken.clone(), completion()?);
                let begun = started.clone();
                let task = Task::new(move || {
                    begun.complete_all();
                    while let Some(alive) = devres.try_access_with(Canary::is_alive) {
                        if !alive {
                            broken.store(1, Relaxed);
                        }
                        give_way();
                    }
                })?;
                started.wait_for_completion();
                Ok::<_, Error>(task)
            };
            let tasks = (reader()?, reader()?);
            drop(faux);
            drop(tasks);
            assert_eq!(broken.load(Relaxed), 0);
            assert_eq!(drops.load(Relaxed), round);
            drop(devres);
            assert_eq!(drops.load(Relaxed), round);
        }
        Ok(())
    }

    /// The device and the owner give it back at the same time: it is dropped once, and by the time that
    /// either is through.
    #[test]
    fn drop_against_unbinding() -> Result {
        let drops = Arc::new(Atomic::new(0), GFP_KERNEL)?;
        for round in 1..=100 {
            let faux = faux::Registration::new(c"rust_devres_drop", None)?;
            let devres = Devres::new(bound(&faux), Canary::new(&drops))?;
            let go = completion()?;
            let seen = Arc::new(Atomic::new(0), GFP_KERNEL)?;
            let task = {
                let (go, seen, drops) = (go.clone(), seen.clone(), drops.clone());
                Task::new(move || {
                    go.wait_for_completion();
                    drop(devres);
                    seen.store(drops.load(Relaxed), Relaxed);
                })?
            };
            go.complete_all();
            drop(faux);
            assert_eq!(drops.load(Relaxed), round);
            drop(task);
            assert_eq!(seen.load(Relaxed), round);
            assert_eq!(drops.load(Relaxed), round);
        }
        Ok(())
    }

    /// Who has it from `access` keeps it until his section ends, and the device waits for that.
    #[test]
    fn unbinding_waits_for_who_knew_the_device_to_be_bound() -> Result {
        let drops = Arc::new(Atomic::new(0), GFP_KERNEL)?;
        let faux = faux::Registration::new(c"rust_devres_waits", None)?;
        let devres = Arc::new(Devres::new(bound(&faux), Canary::new(&drops))?, GFP_KERNEL)?;
        let has_it = completion()?;
        let found = Arc::new(Atomic::new(0), GFP_KERNEL)?;
        let task = {
            let (devres, has_it, found) = (devres.clone(), has_it.clone(), found.clone());
            let dev: ARef<Device> = faux.as_ref().into();
            Task::new(move || {
                let section = BoundSection::enter();
                // SAFETY: The device is bound when the section begins, and nothing but `access` relies on
                // it after that.
                let dev = unsafe { dev.as_bound() };
                let canary = devres.access(dev);
                has_it.complete_all();
                // When the device has begun to take it back, who comes next gets nothing.
                let mut refused = false;
                for _ in 0..500 {
                    pause();
                    refused = devres.access(dev).err() == Some(ENXIO);
                    if refused {
                        break;
                    }
                }
                pause();
                let alive = canary.is_ok_and(Canary::is_alive);
                found.store(if alive && refused { 1 } else { -1 }, Relaxed);
                drop(section);
            })?
        };
        has_it.wait_for_completion();
        drop(faux);
        assert_eq!(drops.load(Relaxed), 1);
        drop(task);
        assert_eq!(found.load(Relaxed), 1);
        Ok(())
    }

    /// Holds up its own drop.
    struct Slow {
        begun: Arc<Completion>,
        go_on: Arc<Completion>,
    }

    impl Drop for Slow {
        fn drop(&mut self) {
            self.begun.complete_all();
            self.go_on.wait_for_completion();
        }
    }

    /// The code of the resource may go when the drop of the `Devres` has returned.
    #[test]
    fn the_drop_waits_for_the_device() -> Result {
        let (begun, go_on) = (completion()?, completion()?);
        let faux = faux::Registration::new(c"rust_devres_slow", None)?;
        let devres = Devres::new(
            bound(&faux),
            Slow {
                begun: begun.clone(),
                go_on: go_on.clone(),
            },
        )?;
        let unbind = Task::new(move || drop(faux))?;
        begun.wait_for_completion();
        let end = Task::new(move || drop(devres))?;
        pause();
        let early = end.has_ended();
        go_on.complete_all();
        drop((unbind, end));
        assert!(!early);
        Ok(())
    }

    #[test]
    fn the_device_waits_for_the_drop() -> Result {
        let (begun, go_on) = (completion()?, completion()?);
        let faux = faux::Registration::new(c"rust_devres_slow", None)?;
        let devres = Devres::new(
            bound(&faux),
            Slow {
                begun: begun.clone(),
                go_on: go_on.clone(),
            },
        )?;
        let end = Task::new(move || drop(devres))?;
        begun.wait_for_completion();
        let unbind = Task::new(move || drop(faux))?;
        pause();
        let early = unbind.has_ended();
        go_on.complete_all();
        drop((end, unbind));
        assert!(!early);
        Ok(())
    }
}
