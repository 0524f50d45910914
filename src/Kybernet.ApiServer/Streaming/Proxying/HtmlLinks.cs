using System.Collections.Frozen;
using System.Text;

namespace Kybernet.ApiServer.Streaming.Proxying;

/// <summary>Rewrites the links in a page, and leaves every other character as it is.</summary>
internal static class HtmlLinks
{
    private static readonly FrozenDictionary<string, string[]> LinkAttributes = new Dictionary<string, string[]>
    {
        ["a"] = ["href"],
        ["applet"] = ["codebase"],
        ["area"] = ["href"],
        ["audio"] = ["src"],
        ["base"] = ["href"],
        ["blockquote"] = ["cite"],
        ["body"] = ["background"],
        ["button"] = ["formaction"],
        ["command"] = ["icon"],
        ["del"] = ["cite"],
        ["embed"] = ["src"],
        ["form"] = ["action"],
        ["frame"] = ["longdesc", "src"],
        ["head"] = ["profile"],
        ["html"] = ["manifest"],
        ["iframe"] = ["longdesc", "src"],
        ["img"] = ["longdesc", "src", "usemap"],
        ["input"] = ["src", "usemap", "formaction"],
        ["ins"] = ["cite"],
        ["link"] = ["href"],
        ["object"] = ["classid", "codebase", "data", "usemap"],
        ["q"] = ["cite"],
        ["script"] = ["src"],
        ["source"] = ["src"],
        ["video"] = ["poster", "src"],
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>What is inside of these is text, whatever it looks like.</summary>
    private static readonly FrozenSet<string> TextElements =
        new[] { "script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes" }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Rewrites every link of a page.</summary>
    public static string Rewrite(string page, Func<string, string> rewrite)
    {
        var output = new StringBuilder(page.Length + 256);
        var copied = 0;
        var at = 0;
        while ((at = page.IndexOf('<', at)) >= 0)
        {
            if (page.AsSpan(at).StartsWith("<!--", StringComparison.Ordinal))
            {
                at = After(page, "-->", at + 4);
                continue;
            }
            var nameEnd = at + 1;
            while (nameEnd < page.Length && char.IsAsciiLetterOrDigit(page[nameEnd]))
            {
                nameEnd++;
            }
            var name = page[(at + 1)..nameEnd];
            if (name.Length == 0 || !char.IsAsciiLetter(name[0]))
            {
                at++;
                continue;
            }
            at = nameEnd;
            var links = LinkAttributes.GetValueOrDefault(name, []);
            while (NextAttribute(page, ref at) is { } attribute)
            {
                if (links.Contains(attribute.Name, StringComparer.OrdinalIgnoreCase))
                {
                    output.Append(page, copied, attribute.ValueStart - copied).Append(rewrite(page[attribute.ValueStart..attribute.ValueEnd]));
                    copied = attribute.ValueEnd;
                }
            }
            if (TextElements.Contains(name))
            {
                var end = page.IndexOf("</" + name, at, StringComparison.OrdinalIgnoreCase);
                at = end < 0 ? page.Length : end + 2;
            }
        }
        return output.Append(page, copied, page.Length - copied).ToString();
    }

    /// <summary>The next attribute of a tag; null at the tag's end, which is passed.</summary>
    private static Attribute? NextAttribute(string page, ref int at)
    {
        Skip(page, ref at, static c => char.IsWhiteSpace(c) || c == '/');
        if (at >= page.Length || page[at] == '>')
        {
            at = Math.Min(at + 1, page.Length);
            return null;
        }
        var nameStart = at++;
        Skip(page, ref at, static c => !char.IsWhiteSpace(c) && c is not ('=' or '>' or '/'));
        var name = page[nameStart..at];
        Skip(page, ref at, char.IsWhiteSpace);
        if (at >= page.Length || page[at] != '=')
        {
            return new Attribute("", at, at);
        }
        at++;
        Skip(page, ref at, char.IsWhiteSpace);
        if (at < page.Length && page[at] is '"' or '\'')
        {
            var quote = page[at];
            var start = ++at;
            Skip(page, ref at, c => c != quote);
            var end = at;
            at = Math.Min(at + 1, page.Length);
            return new Attribute(name, start, end);
        }
        var bare = at;
        Skip(page, ref at, static c => !char.IsWhiteSpace(c) && c != '>');
        return new Attribute(name, bare, at);
    }

    private static void Skip(string page, ref int at, Func<char, bool> isPassed)
    {
        while (at < page.Length && isPassed(page[at]))
        {
            at++;
        }
    }

    private static int After(string page, string mark, int from)
    {
        var found = from <= page.Length ? page.IndexOf(mark, from, StringComparison.Ordinal) : -1;
        return found < 0 ? page.Length : found + mark.Length;
    }

    private sealed record Attribute(string Name, int ValueStart, int ValueEnd);
}
