// SPDX-License-Identifier: GPL-2.0

//! What kind of thing a device is.

use crate::{bindings, fmt, prelude::*};

/// The class of a device: its base class, its subclass and its programming interface, a byte each.
///
/// Most constants are of a subclass, and have an interface of zero: [`ClassMask::ClassSubclass`] says
/// that the interface does not matter. Displayed, a class is six digits: `0x0c0330`.
///
/// C header: [`include/linux/pci_ids.h`](srctree/include/linux/pci_ids.h), whose macros leave out
/// the bytes that they say nothing about.
///
/// # Examples
///
/// ```
/// use kernel::pci::Class;
///
/// fn is_bridge(class: Class) -> bool {
///     class.as_raw() >> 16 == 0x06
/// }
///
/// assert!(is_bridge(Class::BRIDGE_ISA));
/// assert!(!is_bridge(Class::DISPLAY_VGA));
/// // The subclass, and the whole of it.
/// assert_eq!(Class::STORAGE_SATA.as_raw(), 0x010600);
/// assert_eq!(Class::STORAGE_SATA_AHCI.as_raw(), 0x010601);
/// ```
///
/// # Invariants
///
/// The value has 24 bits.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(transparent)]
pub struct Class(u32);

impl Class {
    /// Takes the three bytes that the device core has. What lies above them is dropped.
    #[inline]
    pub(super) const fn from_raw(class: u32) -> Self {
        // INVARIANT: The mask has 24 bits.
        Self(class & ClassMask::Full.as_raw())
    }

    /// The three bytes as a number, the base class highest.
    #[inline]
    pub const fn as_raw(self) -> u32 {
        self.0
    }

    /// For the table: `class` is a base class alone.
    const fn base(class: u32) -> Self {
        assert!(class <= 0xff);
        // INVARIANT: 8 bits, and 16 below them.
        Self(class << 16)
    }

    /// For the table: `class` is a base class and a subclass.
    const fn subclass(class: u32) -> Self {
        assert!(class <= 0xffff);
        // INVARIANT: 16 bits, and 8 below them.
        Self(class << 8)
    }

    /// For the table: `class` has all three bytes.
    const fn full(class: u32) -> Self {
        assert!(class <= 0xff_ffff);
        // INVARIANT: As just checked.
        Self(class)
    }
}

impl fmt::Debug for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{:06x}", self.0)
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{:06x}", self.0)
    }
}

/// Which bytes of a [`Class`] matter.
///
/// # Examples
///
/// ```
/// use kernel::pci::{Class, ClassMask};
///
/// let any_usb = ClassMask::ClassSubclass.as_raw();
/// assert_eq!(
///     Class::SERIAL_USB_XHCI.as_raw() & any_usb,
///     Class::SERIAL_USB_EHCI.as_raw() & any_usb,
/// );
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum ClassMask {
    /// All three.
    Full = 0xff_ffff,
    /// The base class and the subclass, not the programming interface.
    ClassSubclass = 0xff_ff00,
}

impl ClassMask {
    /// The bits that matter.
    #[inline]
    pub const fn as_raw(self) -> u32 {
        self as u32
    }
}

impl TryFrom<u32> for ClassMask {
    type Error = Error;

    /// Takes a mask as C has it.
    ///
    /// # Errors
    ///
    /// `EINVAL` unless it is one of the two.
    fn try_from(mask: u32) -> Result<Self, Self::Error> {
        match mask {
            0xff_ffff => Ok(Self::Full),
            0xff_ff00 => Ok(Self::ClassSubclass),
            _ => Err(EINVAL),
        }
    }
}

/// Makes constants of C's macros, which have one, two or three of the bytes.
macro_rules! classes {
    ($($bytes:ident { $($name:ident = $raw:ident,)* })*) => {
        impl Class {$($(
            #[doc = concat!("The class of C's `", stringify!($raw), "`.")]
            pub const $name: Self = Self::$bytes(bindings::$raw);
        )*)*}
    };
}

classes! {
    base {
        OTHERS = PCI_CLASS_OTHERS,
    }
    subclass {
        NOT_DEFINED = PCI_CLASS_NOT_DEFINED,
        NOT_DEFINED_VGA = PCI_CLASS_NOT_DEFINED_VGA,
        STORAGE_SCSI = PCI_CLASS_STORAGE_SCSI,
        STORAGE_IDE = PCI_CLASS_STORAGE_IDE,
        STORAGE_FLOPPY = PCI_CLASS_STORAGE_FLOPPY,
        STORAGE_IPI = PCI_CLASS_STORAGE_IPI,
        STORAGE_RAID = PCI_CLASS_STORAGE_RAID,
        STORAGE_SATA = PCI_CLASS_STORAGE_SATA,
        STORAGE_SAS = PCI_CLASS_STORAGE_SAS,
        STORAGE_OTHER = PCI_CLASS_STORAGE_OTHER,
        NETWORK_ETHERNET = PCI_CLASS_NETWORK_ETHERNET,
        NETWORK_TOKEN_RING = PCI_CLASS_NETWORK_TOKEN_RING,
        NETWORK_FDDI = PCI_CLASS_NETWORK_FDDI,
        NETWORK_ATM = PCI_CLASS_NETWORK_ATM,
        NETWORK_OTHER = PCI_CLASS_NETWORK_OTHER,
        DISPLAY_VGA = PCI_CLASS_DISPLAY_VGA,
        DISPLAY_XGA = PCI_CLASS_DISPLAY_XGA,
        DISPLAY_3D = PCI_CLASS_DISPLAY_3D,
        DISPLAY_OTHER = PCI_CLASS_DISPLAY_OTHER,
        MULTIMEDIA_VIDEO = PCI_CLASS_MULTIMEDIA_VIDEO,
        MULTIMEDIA_AUDIO = PCI_CLASS_MULTIMEDIA_AUDIO,
        MULTIMEDIA_PHONE = PCI_CLASS_MULTIMEDIA_PHONE,
        MULTIMEDIA_HD_AUDIO = PCI_CLASS_MULTIMEDIA_HD_AUDIO,
        MULTIMEDIA_OTHER = PCI_CLASS_MULTIMEDIA_OTHER,
        MEMORY_RAM = PCI_CLASS_MEMORY_RAM,
        MEMORY_FLASH = PCI_CLASS_MEMORY_FLASH,
        MEMORY_CXL = PCI_CLASS_MEMORY_CXL,
        MEMORY_OTHER = PCI_CLASS_MEMORY_OTHER,
        BRIDGE_HOST = PCI_CLASS_BRIDGE_HOST,
        BRIDGE_ISA = PCI_CLASS_BRIDGE_ISA,
        BRIDGE_EISA = PCI_CLASS_BRIDGE_EISA,
        BRIDGE_MC = PCI_CLASS_BRIDGE_MC,
        BRIDGE_PCMCIA = PCI_CLASS_BRIDGE_PCMCIA,
        BRIDGE_NUBUS = PCI_CLASS_BRIDGE_NUBUS,
        BRIDGE_CARDBUS = PCI_CLASS_BRIDGE_CARDBUS,
        BRIDGE_RACEWAY = PCI_CLASS_BRIDGE_RACEWAY,
        BRIDGE_OTHER = PCI_CLASS_BRIDGE_OTHER,
        COMMUNICATION_SERIAL = PCI_CLASS_COMMUNICATION_SERIAL,
        COMMUNICATION_PARALLEL = PCI_CLASS_COMMUNICATION_PARALLEL,
        COMMUNICATION_MULTISERIAL = PCI_CLASS_COMMUNICATION_MULTISERIAL,
        COMMUNICATION_MODEM = PCI_CLASS_COMMUNICATION_MODEM,
        COMMUNICATION_OTHER = PCI_CLASS_COMMUNICATION_OTHER,
        SYSTEM_PIC = PCI_CLASS_SYSTEM_PIC,
        SYSTEM_DMA = PCI_CLASS_SYSTEM_DMA,
        SYSTEM_TIMER = PCI_CLASS_SYSTEM_TIMER,
        SYSTEM_RTC = PCI_CLASS_SYSTEM_RTC,
        SYSTEM_PCI_HOTPLUG = PCI_CLASS_SYSTEM_PCI_HOTPLUG,
        SYSTEM_SDHCI = PCI_CLASS_SYSTEM_SDHCI,
        SYSTEM_RCEC = PCI_CLASS_SYSTEM_RCEC,
        SYSTEM_OTHER = PCI_CLASS_SYSTEM_OTHER,
        INPUT_KEYBOARD = PCI_CLASS_INPUT_KEYBOARD,
        INPUT_PEN = PCI_CLASS_INPUT_PEN,
        INPUT_MOUSE = PCI_CLASS_INPUT_MOUSE,
        INPUT_SCANNER = PCI_CLASS_INPUT_SCANNER,
        INPUT_GAMEPORT = PCI_CLASS_INPUT_GAMEPORT,
        INPUT_OTHER = PCI_CLASS_INPUT_OTHER,
        DOCKING_GENERIC = PCI_CLASS_DOCKING_GENERIC,
        DOCKING_OTHER = PCI_CLASS_DOCKING_OTHER,
        PROCESSOR_386 = PCI_CLASS_PROCESSOR_386,
        PROCESSOR_486 = PCI_CLASS_PROCESSOR_486,
        PROCESSOR_PENTIUM = PCI_CLASS_PROCESSOR_PENTIUM,
        PROCESSOR_ALPHA = PCI_CLASS_PROCESSOR_ALPHA,
        PROCESSOR_POWERPC = PCI_CLASS_PROCESSOR_POWERPC,
        PROCESSOR_MIPS = PCI_CLASS_PROCESSOR_MIPS,
        PROCESSOR_CO = PCI_CLASS_PROCESSOR_CO,
        SERIAL_FIREWIRE = PCI_CLASS_SERIAL_FIREWIRE,
        SERIAL_ACCESS = PCI_CLASS_SERIAL_ACCESS,
        SERIAL_SSA = PCI_CLASS_SERIAL_SSA,
        SERIAL_FIBER = PCI_CLASS_SERIAL_FIBER,
        SERIAL_SMBUS = PCI_CLASS_SERIAL_SMBUS,
        WIRELESS_RF_CONTROLLER = PCI_CLASS_WIRELESS_RF_CONTROLLER,
        INTELLIGENT_I2O = PCI_CLASS_INTELLIGENT_I2O,
        SATELLITE_TV = PCI_CLASS_SATELLITE_TV,
        SATELLITE_AUDIO = PCI_CLASS_SATELLITE_AUDIO,
        SATELLITE_VOICE = PCI_CLASS_SATELLITE_VOICE,
        SATELLITE_DATA = PCI_CLASS_SATELLITE_DATA,
        CRYPT_NETWORK = PCI_CLASS_CRYPT_NETWORK,
        CRYPT_ENTERTAINMENT = PCI_CLASS_CRYPT_ENTERTAINMENT,
        CRYPT_OTHER = PCI_CLASS_CRYPT_OTHER,
        SP_DPIO = PCI_CLASS_SP_DPIO,
        SP_OTHER = PCI_CLASS_SP_OTHER,
        ACCELERATOR_PROCESSING = PCI_CLASS_ACCELERATOR_PROCESSING,
    }
    full {
        STORAGE_SATA_AHCI = PCI_CLASS_STORAGE_SATA_AHCI,
        STORAGE_EXPRESS = PCI_CLASS_STORAGE_EXPRESS,
        BRIDGE_PCI_NORMAL = PCI_CLASS_BRIDGE_PCI_NORMAL,
        BRIDGE_PCI_SUBTRACTIVE = PCI_CLASS_BRIDGE_PCI_SUBTRACTIVE,
        SYSTEM_PIC_IOAPIC = PCI_CLASS_SYSTEM_PIC_IOAPIC,
        SYSTEM_PIC_IOXAPIC = PCI_CLASS_SYSTEM_PIC_IOXAPIC,
        SERIAL_FIREWIRE_OHCI = PCI_CLASS_SERIAL_FIREWIRE_OHCI,
        SERIAL_USB_UHCI = PCI_CLASS_SERIAL_USB_UHCI,
        SERIAL_USB_OHCI = PCI_CLASS_SERIAL_USB_OHCI,
        SERIAL_USB_EHCI = PCI_CLASS_SERIAL_USB_EHCI,
        SERIAL_USB_XHCI = PCI_CLASS_SERIAL_USB_XHCI,
        SERIAL_USB_CDNS = PCI_CLASS_SERIAL_USB_CDNS,
        SERIAL_USB_DEVICE = PCI_CLASS_SERIAL_USB_DEVICE,
        SERIAL_IPMI_SMIC = PCI_CLASS_SERIAL_IPMI_SMIC,
        SERIAL_IPMI_KCS = PCI_CLASS_SERIAL_IPMI_KCS,
        SERIAL_IPMI_BT = PCI_CLASS_SERIAL_IPMI_BT,
        WIRELESS_WHCI = PCI_CLASS_WIRELESS_WHCI,
    }
}
