using System.Text.RegularExpressions;

namespace Kybernet.Api.Cel;

/// <summary>What can be asked of strings, and made of them.</summary>
internal static class Strings
{
    // More than any request can hold: what each replacement makes longer is not in what it costs.
    private const long MaxReplaced = 16 * 1024 * 1024;

    private static readonly CelType Text = CelType.String;

    public static void Declare(CelFunctions functions)
    {
        functions.Member(
            "contains", [Text, Text], CelType.Bool,
            static arguments => CelBool.Of(Value(arguments[0]).Contains(Value(arguments[1]), StringComparison.Ordinal)),
            Costs.Search);
        functions.Member(
            "startsWith", [Text, Text], CelType.Bool,
            static arguments => CelBool.Of(Value(arguments[0]).StartsWith(Value(arguments[1]), StringComparison.Ordinal)), Costs.Second);
        functions.Member(
            "endsWith", [Text, Text], CelType.Bool,
            static arguments => CelBool.Of(Value(arguments[0]).EndsWith(Value(arguments[1]), StringComparison.Ordinal)), Costs.Second);
        functions.Member("matches", [Text, Text], CelType.Bool, Matches, Costs.Pattern);
        functions.Global("matches", [Text, Text], CelType.Bool, Matches, Costs.Pattern);
        functions.Member(
            "find", [Text, Text], Text,
            static arguments => WithPattern(arguments, static (pattern, text) => new CelString(pattern.Match(text).Value)), Costs.Pattern, Costs.SizeOfFirst);
        functions.Member("findAll", [Text, Text], CelType.ListOf(Text), static arguments => FindAll(arguments, -1), Costs.Pattern, Costs.SizeOfFirst);
        functions.Member(
            "findAll", [Text, Text, CelType.Int], CelType.ListOf(Text),
            static arguments => FindAll(arguments, ((CelInt)arguments[2]).Value), Costs.Pattern, Costs.SizeOfFirst);
        Changes(functions);
        Places(functions);
        Parts(functions);
    }

    public static string Value(CelValue value) => ((CelString)value).Value;

    private static void Changes(CelFunctions functions)
    {
        functions.Member(
            "lowerAscii", [Text], Text,
            static arguments => new CelString(Ascii(Value(arguments[0]), char.ToLowerInvariant)), Costs.First, Costs.SizeOfFirst);
        functions.Member(
            "upperAscii", [Text], Text,
            static arguments => new CelString(Ascii(Value(arguments[0]), char.ToUpperInvariant)), Costs.First, Costs.SizeOfFirst);
        functions.Member("trim", [Text], Text, static arguments => new CelString(Value(arguments[0]).Trim()), Costs.First, Costs.SizeOfFirst);
        functions.Member("reverse", [Text], Text, static arguments => new CelString(CodePoints.Reverse(Value(arguments[0]))), Costs.First, Costs.SizeOfFirst);
        functions.Member("replace", [Text, Text, Text], Text, static arguments => Replace(arguments, -1), Costs.FirstTwice, Costs.SizeReplaced);
        functions.Member(
            "replace", [Text, Text, Text, CelType.Int], Text,
            static arguments => Replace(arguments, ((CelInt)arguments[3]).Value), Costs.FirstTwice, Costs.SizeReplaced);
        functions.Member(
            "format", [Text, CelType.List], Text,
            static arguments => new TextFormat(Value(arguments[0]), (CelList)arguments[1]).Result(), Costs.Result, Costs.SizeOfBoth);
        functions.Global("strings.quote", [Text], Text, static arguments => new CelString(Quote(Value(arguments[0]))), Costs.First);
    }

    private static void Places(CelFunctions functions)
    {
        functions.Member("charAt", [Text, CelType.Int], Text, static arguments => CharacterAt(Value(arguments[0]), Index(arguments[1])));
        functions.Member("indexOf", [Text, Text], CelType.Int, static arguments => IndexOf(Value(arguments[0]), Value(arguments[1]), 0), Costs.First);
        functions.Member(
            "indexOf", [Text, Text, CelType.Int], CelType.Int,
            static arguments => IndexOf(Value(arguments[0]), Value(arguments[1]), Index(arguments[2])), Costs.First);
        functions.Member(
            "lastIndexOf", [Text, Text], CelType.Int,
            static arguments => LastIndexOf(Value(arguments[0]), Value(arguments[1]), null), Costs.First);
        functions.Member(
            "lastIndexOf", [Text, Text, CelType.Int], CelType.Int,
            static arguments => LastIndexOf(Value(arguments[0]), Value(arguments[1]), Index(arguments[2])), Costs.First);
        functions.Member(
            "substring", [Text, CelType.Int], Text,
            static arguments => Substring(Value(arguments[0]), Index(arguments[1]), null), Costs.First, Costs.SizeOfFirst);
        functions.Member(
            "substring", [Text, CelType.Int, CelType.Int], Text,
            static arguments => Substring(Value(arguments[0]), Index(arguments[1]), Index(arguments[2])), Costs.First, Costs.SizeOfFirst);
    }

    private static void Parts(CelFunctions functions)
    {
        functions.Member(
            "split", [Text, Text], CelType.ListOf(Text),
            static arguments => Split(Value(arguments[0]), Value(arguments[1]), -1), Costs.FirstTwice, Costs.SizeOfFirst);
        functions.Member(
            "split", [Text, Text, CelType.Int], CelType.ListOf(Text),
            static arguments => Split(Value(arguments[0]), Value(arguments[1]), Index(arguments[2])), Costs.FirstTwice, Costs.SizeOfFirst);
        functions.Member("join", [CelType.ListOf(Text)], Text, static arguments => Join((CelList)arguments[0], ""), Costs.Result);
        functions.Member("join", [CelType.ListOf(Text), Text], Text, static arguments => Join((CelList)arguments[0], Value(arguments[1])), Costs.Result);
    }

    private static long Index(CelValue value) => ((CelInt)value).Value;

    private static CelValue Matches(CelValue[] arguments) => WithPattern(arguments, static (pattern, text) => CelBool.Of(pattern.IsMatch(text)));

    private static CelValue FindAll(CelValue[] arguments, long limit) => WithPattern(
        arguments, (pattern, text) => CelList.Of([.. pattern.Matches(text).Take(limit < 0 ? int.MaxValue : (int)Math.Min(limit, int.MaxValue)).Select(static match => new CelString(match.Value))]));

    private static CelValue WithPattern(CelValue[] arguments, Func<Regex, string, CelValue> apply)
    {
        try
        {
            return apply(((CelString)arguments[1]).Pattern, Value(arguments[0]));
        }
        catch (ArgumentException exception)
        {
            return new CelError($"error parsing regexp: {exception.Message}");
        }
        catch (RegexMatchTimeoutException)
        {
            return new CelError("the pattern takes too long to match");
        }
    }

    private static string Ascii(string text, Func<char, char> change) =>
        string.Create(text.Length, (text, change), static (span, state) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = char.IsAsciiLetter(state.text[i]) ? state.change(state.text[i]) : state.text[i];
            }
        });

    private static CelValue Replace(CelValue[] arguments, long limit)
    {
        var (text, old, by) = (Value(arguments[0]), Value(arguments[1]), Value(arguments[2]));
        if ((text.Length + 1L) * by.Length / Math.Max(old.Length, 1) > MaxReplaced)
        {
            return new CelError("string is too long");
        }
        if (limit < 0 && old.Length > 0)
        {
            return new CelString(text.Replace(old, by, StringComparison.Ordinal));
        }
        var result = new System.Text.StringBuilder();
        var at = 0;
        for (var i = 0L; limit < 0 || i < limit; i++)
        {
            // Nothing is found before each character, and at the end.
            var found = text.IndexOf(old, at, StringComparison.Ordinal);
            if (old.Length == 0 && i > 0)
            {
                found = at < text.Length ? at + (char.IsSurrogatePair(text, at) ? 2 : 1) : -1;
            }
            if (found < 0)
            {
                break;
            }
            result.Append(text, at, found - at).Append(by);
            at = found + old.Length;
        }
        return new CelString(result.Append(text, at, text.Length - at).ToString());
    }

    private static CelError OutOfRange(long index) => new($"index out of range: {index}");

    private static CelValue CharacterAt(string text, long index)
    {
        var offset = CodePoints.Offset(text, index);
        return offset < 0 ? OutOfRange(index) : new CelString(offset == text.Length ? "" : text.Substring(offset, char.IsSurrogatePair(text, offset) ? 2 : 1));
    }

    private static CelValue IndexOf(string text, string part, long from)
    {
        var offset = CodePoints.Offset(text, from);
        if (offset < 0)
        {
            return from < 0 ? OutOfRange(from) : new CelInt(-1);
        }
        var found = text.IndexOf(part, offset, StringComparison.Ordinal);
        return new CelInt(found < 0 ? -1 : CodePoints.Index(text, found));
    }

    private static CelValue LastIndexOf(string text, string part, long? from)
    {
        if (from < 0)
        {
            return OutOfRange(from.Value);
        }
        var offset = from is { } index ? CodePoints.Offset(text, index) : text.Length;
        if (offset < 0)
        {
            return new CelInt(-1);
        }
        var end = Math.Min(text.Length, offset + part.Length);
        var found = text[..end].LastIndexOf(part, StringComparison.Ordinal);
        return new CelInt(found < 0 ? -1 : CodePoints.Index(text, found));
    }

    private static CelValue Substring(string text, long from, long? to)
    {
        var start = CodePoints.Offset(text, from);
        if (start < 0)
        {
            return OutOfRange(from);
        }
        var end = to is { } index ? CodePoints.Offset(text, index) : text.Length;
        if (end < 0)
        {
            return OutOfRange(to!.Value);
        }
        return start > end ? new CelError($"invalid substring range. start: {from}, end: {to}") : new CelString(text[start..end]);
    }

    private static CelList Split(string text, string separator, long limit)
    {
        if (limit == 0)
        {
            return CelList.Of([]);
        }
        var count = limit < 0 ? int.MaxValue : (int)Math.Min(limit, int.MaxValue);
        if (separator.Length > 0)
        {
            return CelList.Of([.. text.Split(separator, count).Select(static part => new CelString(part))]);
        }
        var parts = CodePoints.Each(text).ToList();
        if (parts.Count > count)
        {
            parts = [.. parts.Take(count - 1), string.Concat(parts.Skip(count - 1))];
        }
        return CelList.Of([.. parts.Select(static part => new CelString(part))]);
    }

    private static CelValue Join(CelList list, string separator)
    {
        var parts = new string[list.Count];
        for (var i = 0; i < parts.Length; i++)
        {
            if (list[i] is not CelString text)
            {
                return CelError.NoSuchOverload;
            }
            parts[i] = text.Value;
        }
        return new CelString(string.Join(separator, parts));
    }

    /// <summary>The text in quotation marks, as Go writes it.</summary>
    public static string Quote(string text)
    {
        var quoted = new System.Text.StringBuilder("\"");
        foreach (var character in text)
        {
            quoted.Append(character switch
            {
                '\a' => "\\a",
                '\b' => "\\b",
                '\f' => "\\f",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                '\v' => "\\v",
                '\\' => "\\\\",
                '"' => "\\\"",
                _ => character.ToString(),
            });
        }
        return quoted.Append('"').ToString();
    }
}
