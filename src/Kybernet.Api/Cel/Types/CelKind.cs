namespace Kybernet.Api.Cel;

/// <summary>What sort of values a type has.</summary>
public enum CelKind
{
    /// <summary>Any value: known when it is evaluated only.</summary>
    Dyn,

    /// <summary>Null.</summary>
    Null,

    /// <summary>A boolean.</summary>
    Bool,

    /// <summary>A signed integer of 64 bits.</summary>
    Int,

    /// <summary>An unsigned integer of 64 bits.</summary>
    Uint,

    /// <summary>A floating-point number.</summary>
    Double,

    /// <summary>A string.</summary>
    String,

    /// <summary>Bytes.</summary>
    Bytes,

    /// <summary>A moment.</summary>
    Timestamp,

    /// <summary>A span of time.</summary>
    Duration,

    /// <summary>A list.</summary>
    List,

    /// <summary>A map.</summary>
    Map,

    /// <summary>An object whose fields are declared.</summary>
    Object,

    /// <summary>A type, as a value.</summary>
    Type,

    /// <summary>A value of a library: a quantity, a URL, an optional value.</summary>
    Opaque,

    /// <summary>A type that is worked out where a function is called.</summary>
    Parameter,
}
