using System.Globalization;

namespace Kybernet.Api.Cel;

/// <summary>A signed integer of 64 bits.</summary>
/// <param name="value">The value.</param>
public sealed class CelInt(long value) : CelValue
{
    /// <summary>The value.</summary>
    public long Value { get; } = value;

    /// <inheritdoc/>
    public override CelType Type => CelType.Int;

    /// <inheritdoc/>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);

    internal override bool Same(CelValue other) => other is CelInt number ? number.Value == Value : Numbers.Compare(this, other) == 0;
}

/// <summary>An unsigned integer of 64 bits.</summary>
/// <param name="value">The value.</param>
public sealed class CelUint(ulong value) : CelValue
{
    /// <summary>The value.</summary>
    public ulong Value { get; } = value;

    /// <inheritdoc/>
    public override CelType Type => CelType.Uint;

    /// <inheritdoc/>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);

    internal override bool Same(CelValue other) => Numbers.Compare(this, other) == 0;
}

/// <summary>A floating-point number.</summary>
/// <param name="value">The value.</param>
public sealed class CelDouble(double value) : CelValue
{
    /// <summary>The value.</summary>
    public double Value { get; } = value;

    /// <inheritdoc/>
    public override CelType Type => CelType.Double;

    /// <inheritdoc/>
    public override string ToString() => Numbers.Text(Value);

    internal override bool Same(CelValue other) => Numbers.Compare(this, other) == 0;
}

/// <summary>What numbers of different types have to do with each other.</summary>
internal static class Numbers
{
    /// <summary>Compares two numbers by value; null where one is none or is not a number (NaN).</summary>
    public static int? Compare(CelValue left, CelValue right) => (left, right) switch
    {
        (CelInt a, CelInt b) => a.Value.CompareTo(b.Value),
        (CelUint a, CelUint b) => a.Value.CompareTo(b.Value),
        (CelInt a, CelUint b) => a.Value < 0 ? -1 : ((ulong)a.Value).CompareTo(b.Value),
        (CelUint a, CelInt b) => b.Value < 0 ? 1 : a.Value.CompareTo((ulong)b.Value),
        (CelDouble a, CelDouble b) => Doubles(a.Value, b.Value),
        (CelDouble a, CelInt b) => -WithDouble(b.Value, a.Value),
        (CelDouble a, CelUint b) => -WithDouble(b.Value, a.Value),
        (CelInt a, CelDouble b) => WithDouble(a.Value, b.Value),
        (CelUint a, CelDouble b) => WithDouble(a.Value, b.Value),
        _ => null,
    };

    /// <summary>As Go writes it: the shortest text that is read as the same number.</summary>
    public static string Text(double value)
    {
        if (double.IsInfinity(value))
        {
            return value > 0 ? "+Inf" : "-Inf";
        }
        if (double.IsNaN(value))
        {
            return "NaN";
        }
        var shortest = value.ToString("R", CultureInfo.InvariantCulture);
        if (!shortest.Contains('E', StringComparison.Ordinal))
        {
            return shortest;
        }
        return Math.Abs(value) is >= 1e-4 and < 1e21
            ? decimal.Parse(shortest, NumberStyles.Float, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture)
            : Exponent(shortest);
    }

    /// <summary>Go's exponents have a sign and two digits at least: <c>1e-05</c>.</summary>
    private static string Exponent(string text)
    {
        var at = text.IndexOf('E', StringComparison.Ordinal);
        var sign = text[at + 1] == '-' ? '-' : '+';
        return $"{text[..at]}e{sign}{text[(at + 1)..].TrimStart('+', '-').PadLeft(2, '0')}";
    }

    private static int? Doubles(double left, double right) => double.IsNaN(left) || double.IsNaN(right) ? null : left.CompareTo(right);

    private static int? WithDouble(decimal left, double right)
    {
        if (double.IsNaN(right))
        {
            return null;
        }
        // A decimal holds any integer of 64 bits exactly, which a double does not.
        return right switch
        {
            > 2e19 => -1,
            < -2e19 => 1,
            _ => left.CompareTo((decimal)Math.Floor(right)) is var order && order == 0 && right != Math.Floor(right) ? -1 : order,
        };
    }
}
