using System.Text;

namespace Kybernet.Api.Cel;

/// <summary>Strings as sequences of characters: indices of the language count those, while .NET counts units of UTF-16.</summary>
internal static class CodePoints
{
    public static int Count(string text)
    {
        var count = text.Length;
        foreach (var unit in text)
        {
            if (char.IsLowSurrogate(unit))
            {
                count--;
            }
        }
        return count;
    }

    /// <summary>Where in the text a character begins; -1 where there are not so many.</summary>
    public static int Offset(string text, long index)
    {
        if (index < 0)
        {
            return -1;
        }
        var offset = 0;
        for (var i = 0L; i < index; i++)
        {
            if (offset >= text.Length)
            {
                return -1;
            }
            offset += char.IsHighSurrogate(text[offset]) && offset + 1 < text.Length ? 2 : 1;
        }
        return offset;
    }

    /// <summary>Which character begins at an offset.</summary>
    public static int Index(string text, int offset) => Count(text[..offset]);

    public static IEnumerable<string> Each(string text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            yield return rune.ToString();
        }
    }

    /// <summary>Orders texts as their UTF-8 is ordered.</summary>
    public static int Compare(string left, string right)
    {
        var common = left.AsSpan().CommonPrefixLength(right);
        if (common == left.Length || common == right.Length)
        {
            return left.Length.CompareTo(right.Length);
        }
        var (a, b) = (left[common], right[common]);
        // Surrogates stand for characters beyond all others that one unit can hold.
        return char.IsSurrogate(a) != char.IsSurrogate(b) ? (char.IsSurrogate(a) ? 1 : -1) : a.CompareTo(b);
    }

    public static string Reverse(string text)
    {
        var reversed = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            reversed.Insert(0, rune.ToString());
        }
        return reversed.ToString();
    }
}
