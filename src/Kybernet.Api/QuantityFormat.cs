namespace Kybernet.Api;

/// <summary>How a <see cref="Quantity"/> is spelt.</summary>
public enum QuantityFormat : byte
{
    /// <summary>Powers of a thousand: <c>500m</c>, <c>12k</c>.</summary>
    DecimalSI,

    /// <summary>Powers of 1024: <c>12Mi</c>.</summary>
    BinarySI,

    /// <summary>A decimal exponent: <c>12e6</c>.</summary>
    DecimalExponent,
}
