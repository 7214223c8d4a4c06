// SPDX-License-Identifier: GPL-2.0

//! An open file of the device.

use crate::{
    letter::Letter,
    letterbox::{Letterbox, Received},
    name::Name,
    office::{EndpointId, Membership, Office},
    uapi::{self, Address, Counts, Transfer, NAME_SIZE},
    OFFICE,
};
use kernel::{
    fs::{
        file::flags::{O_NONBLOCK},
        File, Kiocb,
    },
    iov::{IovIterDest, IovIterSource},
    miscdevice::{MiscDevice, MiscDeviceRegistration, PollEvent, PollEvents},
    mm::virt::{flags, VmaNew},
    page::PAGE_SIZE,
    prelude::*,
    seq_file::{seq_print, SeqFile},
    sync::{poll::PollTable, SetOnce},
    uaccess::{UserPtr, UserSlice},
};

/// An open file, and the box that it is bound to, if it is.
pub(crate) struct Endpoint {
    // First: the box is left before the number is given back.
    bound: SetOnce<Membership>,
    id: EndpointId,
}

#[vtable]
impl MiscDevice for Endpoint {
    type Ptr = KBox<Self>;

    fn open(_file: &File, _device: &MiscDeviceRegistration<Self>) -> Result<KBox<Self>> {
        // It is gone when the module is about to be.
        let office = OFFICE.get().ok_or(ENODEV)?;
        let endpoint = Endpoint {
            bound: SetOnce::new(),
            id: EndpointId::new(office)?,
        };
        Ok(KBox::new(endpoint, GFP_KERNEL_ACCOUNT)?)
    }

    fn read_iter(kiocb: Kiocb<'_, Self::Ptr>, iov: &mut IovIterDest<'_>) -> Result<usize> {
        let endpoint = kiocb.file();
        let letterbox = endpoint.letterbox()?;
        if iov.is_empty() {
            return Ok(0);
        }
        match letterbox.receive(endpoint.office(), iov.len(), kiocb.may_block())? {
            Received::TooLong(_) => Err(EMSGSIZE),
            Received::Letter(letter) => {
                let length = letter.text.len();
                if iov.copy_to_iter(&letter.text) < length {
                    letterbox.put_back(endpoint.office(), letter);
                    return Err(EFAULT);
                }
                endpoint.office().stats.received.add(1);
                Ok(length)
            }
        }
    }

    fn write_iter(kiocb: Kiocb<'_, Self::Ptr>, iov: &mut IovIterSource<'_>) -> Result<usize> {
        let endpoint = kiocb.file();
        let letterbox = endpoint.letterbox()?;
        if iov.is_empty() {
            return Ok(0);
        }
        let length = endpoint.check_length(iov.len())?;
        let mut text = KVVec::new();
        if iov.copy_from_iter_vec(&mut text, GFP_KERNEL_ACCOUNT)? < length {
            return Err(EFAULT);
        }
        let letter = Letter::new(endpoint.id.get(), text)?;
        letterbox.send(endpoint.office(), letter, kiocb.may_block())?;
        Ok(length)
    }

    fn poll(endpoint: &Self, file: &File, table: PollTable<'_>) -> PollEvents {
        let Ok(letterbox) = endpoint.letterbox() else {
            // Nothing is going to happen.
            return PollEvent::Err.into();
        };
        table.register_wait(file, &letterbox.readable);
        table.register_wait(file, &letterbox.writable);
        letterbox.events(endpoint.office())
    }

    fn ioctl(endpoint: &Self, file: &File, cmd: u32, arg: usize) -> Result<isize> {
        let may_wait = file.flags() & O_NONBLOCK == 0;
        match cmd {
            uapi::BIND => endpoint.bind(&get(arg)?)?,
            uapi::SEND => endpoint.send(&get(arg)?, may_wait)?,
            uapi::RECEIVE => {
                let mut transfer = get(arg)?;
                let result = endpoint.receive(&mut transfer, may_wait);
                if matches!(result, Ok(()) | Err(EMSGSIZE)) {
                    put(arg, transfer)?;
                }
                result?;
            }
            uapi::COUNTS => put(arg, endpoint.counts()?)?,
            uapi::FLUSH => {
                let messages = endpoint.letterbox()?.flush(endpoint.office());
                // Far fewer than that.
                return Ok(messages as isize);
            }
            _ => return Err(ENOTTY),
        }
        Ok(0)
    }

    fn mmap(endpoint: &Self, _file: &File, area: &VmaNew) -> Result {
        let letterbox = endpoint.letterbox()?;
        if area.end() - area.start() != PAGE_SIZE || area.flags() & flags::SHARED == 0 {
            return Err(EINVAL);
        }
        area.try_clear_mayexec()?;
        area.set_dontexpand();
        area.set_mixedmap()
            .vm_insert_page(area.start(), &letterbox.page)
    }

    fn show_fdinfo(endpoint: &Self, seq: &SeqFile, _file: &File) {
        seq_print!(seq, "mailbox-endpoint:\t{}\n", endpoint.id.get());
        if let Ok(letterbox) = endpoint.letterbox() {
            let level = letterbox.level();
            seq_print!(seq, "mailbox-box:\t{}\n", letterbox.name);
            seq_print!(seq, "mailbox-messages:\t{}\n", level.messages);
        }
    }
}

impl Endpoint {
    fn office(&self) -> &Office {
        self.id.office()
    }

    /// Returns the box that the endpoint is bound to.
    ///
    /// # Errors
    ///
    /// `ENODEV` if it is not bound.
    fn letterbox(&self) -> Result<&Letterbox> {
        Ok(self.bound.as_ref().ok_or(ENODEV)?.letterbox())
    }

    fn bind(&self, address: &Address) -> Result {
        let name = Name::from_padded(&address.name)?;
        if self.bound.as_ref().is_some() {
            return Err(EBUSY);
        }
        // Of several threads that try at the same time, one succeeds.
        match self.bound.populate(Membership::new(self.id.office(), name)?) {
            true => Ok(()),
            false => Err(EBUSY),
        }
    }

    fn send(&self, transfer: &Transfer, may_wait: bool) -> Result {
        let length = transfer.length as usize;
        if length == 0 || transfer.endpoint != 0 {
            return Err(EINVAL);
        }
        self.check_length(length)?;
        let mut text = KVVec::new();
        slice(transfer.buffer, length)?.read_all(&mut text, GFP_KERNEL_ACCOUNT)?;
        let letter = Letter::new(self.id.get(), text)?;
        if transfer.name == [0; NAME_SIZE] {
            self.letterbox()?.send(self.office(), letter, may_wait)
        } else {
            let name = Name::from_padded(&transfer.name)?;
            let letterbox = self.office().find(&name)?;
            letterbox.send(self.office(), letter, may_wait)
        }
    }

    fn receive(&self, transfer: &mut Transfer, may_wait: bool) -> Result {
        if transfer.endpoint != 0 || transfer.name != [0; NAME_SIZE] {
            return Err(EINVAL);
        }
        let letterbox = self.letterbox()?;
        let room = transfer.length as usize;
        match letterbox.receive(self.office(), room, may_wait)? {
            Received::TooLong(length) => {
                transfer.length = length as u32;
                Err(EMSGSIZE)
            }
            Received::Letter(letter) => {
                let copied = slice(transfer.buffer, letter.text.len())
                    .and_then(|slice| slice.writer().write_slice(&letter.text));
                if let Err(error) = copied {
                    letterbox.put_back(self.office(), letter);
                    return Err(error);
                }
                transfer.length = letter.text.len() as u32;
                transfer.endpoint = letter.sender;
                self.office().stats.received.add(1);
                Ok(())
            }
        }
    }

    fn counts(&self) -> Result<Counts> {
        let level = self.letterbox()?.level();
        Ok(Counts {
            endpoint: self.id.get(),
            users: level.users,
            messages: level.messages,
            bytes: level.bytes,
            most_messages: self.office().limits.messages.get(),
            most_bytes: self.office().limits.bytes.get(),
        })
    }

    /// Returns the length of a message to be sent.
    ///
    /// # Errors
    ///
    /// `EMSGSIZE` if it is longer than messages may be.
    fn check_length(&self, length: usize) -> Result<usize> {
        if length > self.office().limits.bytes.get() as usize {
            return Err(EMSGSIZE);
        }
        Ok(length)
    }
}

/// Returns `length` bytes of user space's.
fn slice(address: u64, length: usize) -> Result<UserSlice> {
    let address = usize::try_from(address).map_err(|_| EFAULT)?;
    Ok(UserSlice::new(UserPtr::from_addr(address), length))
}

/// Reads the argument of an ioctl.
fn get<T: FromBytes + IntoBytes>(address: usize) -> Result<T> {
    let mut value = T::new_zeroed();
    UserSlice::new(UserPtr::from_addr(address), size_of::<T>())
        .reader()
        .read_slice(value.as_mut_bytes())?;
    Ok(value)
}

/// Writes the argument of an ioctl.
fn put<T: FromBytes + IntoBytes>(address: usize, mut value: T) -> Result {
    UserSlice::new(UserPtr::from_addr(address), size_of::<T>())
        .writer()
        .write_slice(value.as_mut_bytes())
}
