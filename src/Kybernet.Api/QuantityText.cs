using System.Globalization;
using System.Numerics;

namespace Kybernet.Api;

/// <summary>Reads and spells quantities.</summary>
internal static class QuantityText
{
    internal const string FormatWrong = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
    internal const string NumericWrong = "unable to parse numeric part of quantity";
    internal const string SuffixWrong = "unable to parse quantity's suffix";

    /// <summary>The finest exponent that is kept; what is finer is rounded up.</summary>
    private const int Nano = -9;

    /// <summary>Up to so many digits a decimal quantity is taken as it is; one with more is capped at the largest 64-bit integer.</summary>
    private const int UncappedDigits = 18;

    private static readonly string[] BinarySuffixes = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
    private static readonly string[] DecimalSuffixes = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];

    /// <summary>Reads a quantity; answers what is wrong with the text, or null.</summary>
    internal static string? Read(ReadOnlySpan<char> text, out Quantity quantity)
    {
        quantity = default;
        var position = text.Length > 0 && text[0] is '+' or '-' ? 1 : 0;
        var negative = position == 1 && text[0] == '-';
        var numberStart = position;
        while (position < text.Length && char.IsAsciiDigit(text[position]))
        {
            position++;
        }
        var whole = text[numberStart..position];
        ReadOnlySpan<char> fraction = [];
        if (position < text.Length && text[position] == '.')
        {
            var start = ++position;
            while (position < text.Length && char.IsAsciiDigit(text[position]))
            {
                position++;
            }
            fraction = text[start..position];
        }
        var suffix = text[position..];
        if (position == numberStart || !IsSuffixShape(suffix))
        {
            return FormatWrong;
        }
        if (!Interpret(suffix, out var scale, out var binaryShift, out var format))
        {
            return SuffixWrong;
        }
        if (!TryMantissa(whole.TrimStart('0'), fraction, out var mantissa))
        {
            return NumericWrong;
        }
        quantity = Build(mantissa, scale - fraction.Length, binaryShift, format, whole.TrimStart('0').Length + fraction.Length, negative);
        return null;
    }

    /// <summary>Spells a quantity in its canonical form.</summary>
    internal static string Write(Quantity quantity)
    {
        if (quantity.IsZero)
        {
            return "0";
        }
        var mantissa = quantity.Mantissa;
        var exponent = quantity.Exponent;
        if (quantity.Format == QuantityFormat.BinarySI && exponent >= 0)
        {
            var value = mantissa * BigInteger.Pow(10, exponent);
            if (BigInteger.Abs(value) >= 1024)
            {
                return WriteBinary(value);
            }
        }
        var remainder = ((exponent % 3) + 3) % 3;
        mantissa *= remainder switch { 0 => 1, 1 => 10, _ => 100 };
        exponent -= remainder;
        if (quantity.Format == QuantityFormat.DecimalExponent)
        {
            return exponent == 0
                ? mantissa.ToString(CultureInfo.InvariantCulture)
                : string.Create(CultureInfo.InvariantCulture, $"{mantissa}e{exponent}");
        }
        if (exponent > 18)
        {
            mantissa *= BigInteger.Pow(10, exponent - 18);
            exponent = 18;
        }
        return mantissa.ToString(CultureInfo.InvariantCulture) + DecimalSuffixes[(exponent / 3) + 3];
    }

    private static string WriteBinary(BigInteger value)
    {
        var power = 0;
        while (power < BinarySuffixes.Length - 1 && (value & 1023).IsZero)
        {
            value >>= 10;
            power++;
        }
        return value.ToString(CultureInfo.InvariantCulture) + BinarySuffixes[power];
    }

    private static Quantity Build(BigInteger mantissa, int scale, int binaryShift, QuantityFormat format, int digits, bool negative)
    {
        mantissa <<= binaryShift;
        if (scale < Nano)
        {
            mantissa = Quantity.DivideUp(mantissa, Nano - scale);
            scale = Nano;
        }
        if (format == QuantityFormat.BinarySI && !mantissa.IsZero && scale < 0 && mantissa < BigInteger.Pow(10, -scale))
        {
            format = QuantityFormat.DecimalSI;
        }
        if ((binaryShift > 0 || digits > UncappedDigits) && ExceedsInt64(mantissa, scale))
        {
            mantissa = long.MaxValue;
            scale = 0;
        }
        return Quantity.Normalise(negative ? -mantissa : mantissa, scale, format);
    }

    private static bool ExceedsInt64(BigInteger mantissa, int scale) => scale >= 0
        ? scale > 18 ? !mantissa.IsZero : mantissa * BigInteger.Pow(10, scale) > long.MaxValue
        : mantissa > long.MaxValue * BigInteger.Pow(10, -scale);

    private static bool TryMantissa(ReadOnlySpan<char> whole, ReadOnlySpan<char> fraction, out BigInteger mantissa)
    {
        if (whole.Length + fraction.Length <= UncappedDigits)
        {
            long value = 0;
            foreach (var digit in whole)
            {
                value = (value * 10) + (digit - '0');
            }
            foreach (var digit in fraction)
            {
                value = (value * 10) + (digit - '0');
            }
            mantissa = value;
            return true;
        }
        return BigInteger.TryParse(string.Concat("0", whole, fraction), NumberStyles.None, CultureInfo.InvariantCulture, out mantissa);
    }

    private static bool IsSuffixShape(ReadOnlySpan<char> suffix)
    {
        var position = suffix.IndexOfAnyExcept("eEinumkKMGTP");
        if (position < 0)
        {
            return true;
        }
        if (suffix[position] is '+' or '-')
        {
            position++;
        }
        return suffix[position..].IndexOfAnyExceptInRange('0', '9') < 0;
    }

    private static bool Interpret(ReadOnlySpan<char> suffix, out int scale, out int binaryShift, out QuantityFormat format)
    {
        (scale, binaryShift, format) = (0, 0, QuantityFormat.DecimalSI);
        for (var i = 0; i < DecimalSuffixes.Length; i++)
        {
            if (suffix.SequenceEqual(DecimalSuffixes[i]))
            {
                scale = (i - 3) * 3;
                return true;
            }
        }
        for (var i = 1; i < BinarySuffixes.Length; i++)
        {
            if (suffix.SequenceEqual(BinarySuffixes[i]))
            {
                (binaryShift, format) = (i * 10, QuantityFormat.BinarySI);
                return true;
            }
        }
        format = QuantityFormat.DecimalExponent;
        // Beyond a few hundred, an exponent could only serve to make the server count zeros.
        return suffix.Length > 1 && suffix[0] is 'e' or 'E'
            && int.TryParse(suffix[1..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out scale)
            && Math.Abs((long)scale) <= Quantity.MaxExponent;
    }
}
