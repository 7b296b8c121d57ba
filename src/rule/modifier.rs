//! The registry of modifiers: names as in the specification and the extensions, one line on each.

/// Declares the modifiers with their names, the version that brought them and what they do.
macro_rules! modifiers {
    ($($variant:ident $names:expr, $summary:literal;)*) => {
        /// A modifier of a detection item (specification 2.1.0, modifiers appendix).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Modifier { $(#[doc = $summary] $variant,)* }

        impl Modifier {
            /// All modifiers, in the order of the documentation.
            pub const ALL: &'static [Modifier] = &[$(Modifier::$variant),*];

            /// The names that the modifier is written by; the usual one first.
            #[must_use]
            pub fn names(self) -> &'static [&'static str] {
                match self { $(Modifier::$variant => &$names,)* }
            }

            /// What it does, in one line.
            #[must_use]
            pub fn summary(self) -> &'static str {
                match self { $(Modifier::$variant => $summary,)* }
            }
        }
    };
}

modifiers! {
    Contains ["contains"], "The value stands anywhere in the field.";
    StartsWith ["startswith"], "The field begins with the value.";
    EndsWith ["endswith"], "The field ends with the value.";
    All ["all"], "All values of the list must match, not any.";
    Not ["neq"], "The finished item must not match.";
    Cased ["cased"], "Upper and lower case are told apart.";
    Regex ["re"], "The value is a regular expression that is searched for.";
    RegexIgnoreCase ["i"], "The regular expression ignores case.";
    RegexMultiLine ["m"], "In the regular expression `^` and `$` also match at line breaks.";
    RegexDotAll ["s"], "In the regular expression `.` also matches line breaks.";
    Base64 ["base64"], "The value is encoded in Base64.";
    Base64Offset ["base64offset"], "The value is encoded in Base64 at each of the three offsets.";
    Utf16Le ["wide", "utf16le"], "The value is encoded in UTF-16, little endian.";
    Utf16Be ["utf16be"], "The value is encoded in UTF-16, big endian.";
    Utf16 ["utf16"], "The value is encoded in UTF-16 with a byte order mark, little endian.";
    WindowsDash ["windash"], "Dashes that begin a flag stand for each of the five dashes that Windows tools accept.";
    Cidr ["cidr"], "The value is a network that the address lies in.";
    Less ["lt"], "The field is less than the number.";
    LessOrEqual ["lte"], "The field is at most the number.";
    Greater ["gt"], "The field is greater than the number.";
    GreaterOrEqual ["gte"], "The field is at least the number.";
    Minute ["minute"], "The minute of a timestamp.";
    Hour ["hour"], "The hour of a timestamp.";
    Day ["day"], "The day of the month of a timestamp.";
    Week ["week"], "The ISO week of a timestamp.";
    Month ["month"], "The month of a timestamp.";
    Year ["year"], "The year of a timestamp.";
    Exists ["exists"], "The field is present, or absent.";
    FieldReference ["fieldref"], "The value names a field that is compared.";
    Expand ["expand"], "The value holds placeholders that a pipeline resolves.";
}

impl Modifier {
    /// The modifier of a name, exactly as written.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|modifier| modifier.names().contains(&name))
    }
}
