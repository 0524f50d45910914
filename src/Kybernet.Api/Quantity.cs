using System.Diagnostics.CodeAnalysis;
using System.Numerics;

namespace Kybernet.Api;

/// <summary>
/// An exact amount of something, such as <c>500m</c> CPUs or <c>64Mi</c> bytes: a whole number times a power of ten, with the way that it is
/// spelt. It is compared by value: <c>1</c> and <c>1000m</c> are equal.
/// </summary>
public readonly struct Quantity : IEquatable<Quantity>, IComparable<Quantity>
{
    internal const int MaxExponent = 400;

    // The mantissa has no factor of ten, so that equal amounts are equal field by field. What does not fit 64 bits is in _big.
    private readonly long _mantissa;
    private readonly object? _big;
    private readonly short _exponent;

    /// <summary>A whole number.</summary>
    public Quantity(long value, QuantityFormat format = QuantityFormat.DecimalSI)
        : this(value, 0, format)
    {
    }

    /// <summary>A whole number times a power of ten.</summary>
    /// <param name="value">The number.</param>
    /// <param name="exponent">The power of ten: -3 where the number counts thousandths.</param>
    /// <param name="format">How it is spelt.</param>
    public Quantity(long value, int exponent, QuantityFormat format)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Math.Abs(exponent), short.MaxValue / 2);
        if (value == 0)
        {
            exponent = 0;
        }
        while (value != 0 && value % 10 == 0)
        {
            value /= 10;
            exponent++;
        }
        _mantissa = value;
        _exponent = (short)exponent;
        Format = format;
    }

    private Quantity(BigInteger mantissa, int exponent, QuantityFormat format)
    {
        _big = mantissa;
        _exponent = (short)exponent;
        Format = format;
    }

    /// <summary>Nothing.</summary>
    public static Quantity Zero => default;

    /// <summary>How it is spelt.</summary>
    public QuantityFormat Format { get; }

    /// <summary>Whether it is nothing.</summary>
    public bool IsZero => _big is null && _mantissa == 0;

    /// <summary>-1, 0 or 1.</summary>
    public int Sign => _big is BigInteger big ? big.Sign : Math.Sign(_mantissa);

    /// <summary>Its thousandths, rounded away from zero; the nearest 64-bit integer where it is out of their range.</summary>
    public long MilliValue => ScaledValue(-3);

    internal BigInteger Mantissa => _big is BigInteger big ? big : _mantissa;

    internal int Exponent => _exponent;

    /// <summary>Thousandths.</summary>
    public static Quantity FromMilli(long milli, QuantityFormat format = QuantityFormat.DecimalSI) => new(milli, -3, format);

    /// <summary>Reads a quantity.</summary>
    /// <exception cref="FormatException">The text is none; the message is upstream's.</exception>
    public static Quantity Parse(string text) =>
        QuantityText.Read(text, out var quantity) is { } error ? throw new FormatException(error) : quantity;

    /// <summary>Reads a quantity, if the text is one.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Quantity quantity)
    {
        quantity = default;
        return text is not null && QuantityText.Read(text, out quantity) is null;
    }

    /// <summary>Reads a quantity, or says what is wrong.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Quantity quantity, [NotNullWhen(false)] out string? error)
    {
        error = QuantityText.Read(text, out quantity);
        return error is null;
    }

    /// <summary>The sum, spelt like the left unless that is zero.</summary>
    public static Quantity operator +(Quantity left, Quantity right)
    {
        var format = left.IsZero ? right.Format : left.Format;
        if (left._big is null && right._big is null && left._exponent == right._exponent)
        {
            var sum = unchecked(left._mantissa + right._mantissa);
            if (((left._mantissa ^ sum) & (right._mantissa ^ sum)) >= 0)
            {
                return new Quantity(sum, left._exponent, format);
            }
        }
        var exponent = Math.Min(left._exponent, right._exponent);
        return Normalise(left.MantissaAt(exponent) + right.MantissaAt(exponent), exponent, format);
    }

    /// <summary>The difference, spelt like the left unless that is zero.</summary>
    public static Quantity operator -(Quantity left, Quantity right) => left + -right;

    /// <summary>The negative.</summary>
    public static Quantity operator -(Quantity value) => value._big is null && value._mantissa != long.MinValue
        ? new Quantity(-value._mantissa, value._exponent, value.Format)
        : Normalise(-value.Mantissa, value._exponent, value.Format);

    /// <summary>So many times the amount.</summary>
    public static Quantity operator *(Quantity value, long times) => Normalise(value.Mantissa * times, value._exponent, value.Format);

    /// <summary>Compares by value.</summary>
    public static bool operator ==(Quantity left, Quantity right) => left.Equals(right);

    /// <summary>Compares by value.</summary>
    public static bool operator !=(Quantity left, Quantity right) => !left.Equals(right);

    /// <summary>Compares by value.</summary>
    public static bool operator <(Quantity left, Quantity right) => left.CompareTo(right) < 0;

    /// <summary>Compares by value.</summary>
    public static bool operator >(Quantity left, Quantity right) => left.CompareTo(right) > 0;

    /// <summary>Compares by value.</summary>
    public static bool operator <=(Quantity left, Quantity right) => left.CompareTo(right) <= 0;

    /// <summary>Compares by value.</summary>
    public static bool operator >=(Quantity left, Quantity right) => left.CompareTo(right) >= 0;

    /// <summary>The whole number, rounded away from zero; the nearest 64-bit integer where it is out of their range.</summary>
    public long ToInt64() => ScaledValue(0);

    /// <summary>The number of units of a power of ten, rounded away from zero and kept in the range of 64 bits.</summary>
    /// <param name="exponent">The power of ten that is counted.</param>
    public long ScaledValue(int exponent)
    {
        var shift = _exponent - exponent;
        if (_big is null && shift == 0)
        {
            return _mantissa;
        }
        var value = shift >= 0 ? Mantissa * BigInteger.Pow(10, shift) : DivideUp(Mantissa, -shift);
        return value > long.MaxValue ? long.MaxValue : value < long.MinValue ? long.MinValue : (long)value;
    }

    /// <summary>The same amount rounded away from zero to a whole number of units of a power of ten.</summary>
    public Quantity RoundUp(int exponent) =>
        _exponent >= exponent ? this : Normalise(DivideUp(Mantissa, exponent - _exponent), exponent, Format);

    /// <summary>The same amount, spelt otherwise.</summary>
    public Quantity WithFormat(QuantityFormat format) =>
        _big is BigInteger big ? new Quantity(big, _exponent, format) : new Quantity(_mantissa, _exponent, format);

    /// <summary>The nearest floating-point number.</summary>
    public double ToDouble() => _exponent >= 0
        ? (double)(Mantissa * BigInteger.Pow(10, _exponent))
        : (double)Mantissa / Math.Pow(10, -_exponent);

    /// <inheritdoc/>
    public int CompareTo(Quantity other)
    {
        if (_big is null && other._big is null && _exponent == other._exponent)
        {
            return _mantissa.CompareTo(other._mantissa);
        }
        if (Sign != other.Sign)
        {
            return Sign.CompareTo(other.Sign);
        }
        var exponent = Math.Min(_exponent, other._exponent);
        return MantissaAt(exponent).CompareTo(other.MantissaAt(exponent));
    }

    /// <inheritdoc/>
    public bool Equals(Quantity other) => _mantissa == other._mantissa && _exponent == other._exponent && Equals(_big, other._big);

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is Quantity other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_mantissa, _exponent, _big);

    /// <summary>The canonical form.</summary>
    public override string ToString() => QuantityText.Write(this);

    internal static Quantity Normalise(BigInteger mantissa, int exponent, QuantityFormat format)
    {
        if (mantissa.IsZero)
        {
            return new Quantity(0, 0, format);
        }
        while (mantissa < long.MinValue || mantissa > long.MaxValue)
        {
            var quotient = BigInteger.DivRem(mantissa, 10, out var remainder);
            if (!remainder.IsZero)
            {
                return new Quantity(mantissa, exponent, format);
            }
            mantissa = quotient;
            exponent++;
        }
        return new Quantity((long)mantissa, exponent, format);
    }

    /// <summary>Divides by a power of ten and rounds away from zero.</summary>
    internal static BigInteger DivideUp(BigInteger value, int power)
    {
        var quotient = BigInteger.DivRem(value, BigInteger.Pow(10, power), out var remainder);
        return quotient + remainder.Sign;
    }

    private BigInteger MantissaAt(int exponent) => Mantissa * BigInteger.Pow(10, _exponent - exponent);
}
