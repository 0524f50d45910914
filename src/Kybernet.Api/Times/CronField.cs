using System.Globalization;

namespace Kybernet.Api.Times;

/// <summary>One field of a cron schedule: which of its values match.</summary>
/// <param name="Bits">A bit for each value.</param>
/// <param name="IsAny">Whether it is written as <c>*</c> or <c>?</c>: a day then matches by the other of its two fields alone.</param>
internal readonly record struct CronField(ulong Bits, bool IsAny)
{
    public bool Matches(int value) => (Bits & (1UL << value)) != 0;

    /// <summary>Reads a list of values, ranges and steps.</summary>
    /// <exception cref="FormatException">It is malformed, or a value is out of bounds.</exception>
    public static CronField Parse(string text, int minimum, int maximum, IReadOnlyList<string> names)
    {
        var (bits, isAny) = (0UL, false);
        foreach (var part in text.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var (partBits, partIsAny) = ParsePart(part, minimum, maximum, names);
            bits |= partBits;
            isAny |= partIsAny;
        }
        return new CronField(bits, isAny);
    }

    private static (ulong Bits, bool IsAny) ParsePart(string part, int minimum, int maximum, IReadOnlyList<string> names)
    {
        var rangeAndStep = part.Split('/');
        var ends = rangeAndStep[0].Split('-');
        var isAny = ends[0] is "*" or "?";
        int first, last;
        if (isAny)
        {
            (first, last) = (minimum, maximum);
        }
        else
        {
            first = Number(ends[0], minimum, names);
            last = ends.Length switch
            {
                1 => first,
                2 => Number(ends[1], minimum, names),
                _ => throw new FormatException($"too many hyphens: {part}"),
            };
        }
        var step = 1;
        switch (rangeAndStep.Length)
        {
            case 1:
                break;
            case 2:
                step = Number(rangeAndStep[1]);
                last = ends.Length == 1 && !isAny ? maximum : last;
                isAny &= step <= 1;
                break;
            default:
                throw new FormatException($"too many slashes: {part}");
        }
        Check(part, first, last, step, minimum, maximum);
        var bits = 0UL;
        for (var value = first; value <= last; value += step)
        {
            bits |= 1UL << value;
        }
        return (bits, isAny);
    }

    private static void Check(string part, int first, int last, int step, int minimum, int maximum)
    {
        var wrong = first < minimum ? $"beginning of range ({first}) below minimum ({minimum}): {part}"
            : last > maximum ? $"end of range ({last}) above maximum ({maximum}): {part}"
            : first > last ? $"beginning of range ({first}) beyond end of range ({last}): {part}"
            : step == 0 ? $"step of range should be a positive number: {part}" : null;
        if (wrong is not null)
        {
            throw new FormatException(wrong);
        }
    }

    /// <summary>A number or a name; names count from the field's minimum.</summary>
    private static int Number(string text, int minimum, IReadOnlyList<string> names)
    {
        for (var i = 0; i < names.Count; i++)
        {
            if (string.Equals(names[i], text, StringComparison.OrdinalIgnoreCase))
            {
                return minimum + i;
            }
        }
        return Number(text);
    }

    private static int Number(string text)
    {
        if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            throw new FormatException($"failed to parse int from {text}: strconv.Atoi: parsing \"{text}\": invalid syntax");
        }
        return number >= 0 ? number : throw new FormatException($"negative number ({number}) not allowed: {text}");
    }
}
