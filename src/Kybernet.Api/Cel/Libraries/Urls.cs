using System.Net;

namespace Kybernet.Api.Cel;

/// <summary>URLs: absolute ones, and absolute paths.</summary>
internal static class Urls
{
    public static CelType Type { get; } = CelType.Opaque("kubernetes.URL");

    public static void Declare(CelFunctions functions)
    {
        functions.Global("url", [CelType.String], Type, static arguments => Parse(Strings.Value(arguments[0])), Costs.First);
        functions.Global(
            "isURL", [CelType.String], CelType.Bool,
            static arguments => CelBool.Of(UrlParts.Parse(Strings.Value(arguments[0]), out _) is not null));
        Part(functions, "getScheme", static url => url.Scheme);
        Part(functions, "getHost", static url => url.Host);
        Part(functions, "getHostname", static url => url.Hostname);
        Part(functions, "getPort", static url => url.Port);
        Part(functions, "getEscapedPath", static url => url.EscapedPath);
        functions.Member(
            "getQuery", [Type], CelType.MapOf(CelType.String, CelType.ListOf(CelType.String)),
            static arguments => Query(((CelOpaque<UrlParts>)arguments[0]).Value));
    }

    private static void Part(CelFunctions functions, string name, Func<UrlParts, string> part) =>
        functions.Member(name, [Type], CelType.String, arguments => new CelString(part(((CelOpaque<UrlParts>)arguments[0]).Value)));

    private static CelValue Parse(string text) => UrlParts.Parse(text, out var error) is { } parts
        ? new CelOpaque<UrlParts>(Type, parts)
        : new CelError($"URL parse error during conversion from string: parse \"{text}\": {error}");

    private static CelEntries Query(UrlParts url)
    {
        var query = new CelEntries();
        var groups = url.Query.Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Select(static pair => pair.Split('=', 2))
            .GroupBy(static pair => WebUtility.UrlDecode(pair[0]), static pair => pair.Length > 1 ? WebUtility.UrlDecode(pair[1]) : "", StringComparer.Ordinal);
        foreach (var group in groups)
        {
            query.TryAdd(new CelString(group.Key), CelList.Of([.. group.Select(static value => new CelString(value))]));
        }
        return query;
    }
}

/// <summary>The parts of a URL, read as Go reads them: <see cref="Uri"/> would normalise and complete.</summary>
internal sealed record UrlParts(string Scheme, string Host, string Path, string Query)
{
    public string Hostname => Host.StartsWith('[') ? Host[1..Host.IndexOf(']', StringComparison.Ordinal)] : Host.Split(':')[0];

    public string Port => Host.LastIndexOf(':') is >= 0 and var colon && !Host.EndsWith(']') ? Host[(colon + 1)..] : "";

    public string EscapedPath => Path.Replace(" ", "%20", StringComparison.Ordinal);

    /// <summary>Reads a URL; null, and why, where the text is none.</summary>
    public static UrlParts? Parse(string text, out string error)
    {
        error = "invalid URI for request";
        if (text.Length == 0)
        {
            error = "empty url";
            return null;
        }
        if (text.Any(char.IsControl))
        {
            error = "net/url: invalid control character in URL";
            return null;
        }
        var rest = text.IndexOf('#', StringComparison.Ordinal) is >= 0 and var fragment ? text[..fragment] : text;
        var query = "";
        if (rest.IndexOf('?', StringComparison.Ordinal) is >= 0 and var mark)
        {
            (rest, query) = (rest[..mark], rest[(mark + 1)..]);
        }
        if (rest.StartsWith('/'))
        {
            return rest.StartsWith("//", StringComparison.Ordinal) ? WithHost("", rest[2..], query, ref error) : new UrlParts("", "", rest, query);
        }
        var colon = rest.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0 || !char.IsAsciiLetter(rest[0]) || !rest[..colon].All(static c => char.IsAsciiLetterOrDigit(c) || c is '+' or '-' or '.'))
        {
            return null;
        }
        var scheme = rest[..colon].ToLowerInvariant();
        rest = rest[(colon + 1)..];
        return rest.StartsWith("//", StringComparison.Ordinal) ? WithHost(scheme, rest[2..], query, ref error) : new UrlParts(scheme, "", rest, query);
    }

    private static UrlParts? WithHost(string scheme, string rest, string query, ref string error)
    {
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        var (host, path) = slash < 0 ? (rest, "") : (rest[..slash], rest[slash..]);
        host = host[(host.LastIndexOf('@') + 1)..];
        var closed = host.StartsWith('[') ? host.IndexOf(']', StringComparison.Ordinal) : 0;
        var colon = closed < 0 ? -1 : host.IndexOf(':', closed);
        if (closed < 0)
        {
            error = "missing ']' in host";
            return null;
        }
        if (colon >= 0 && host.AsSpan(colon + 1).ContainsAnyExceptInRange('0', '9'))
        {
            error = $"invalid port \"{host[colon..]}\" after host";
            return null;
        }
        if (host.Contains(' ', StringComparison.Ordinal))
        {
            error = "invalid character \" \" in host name";
            return null;
        }
        return new UrlParts(scheme, host, path, query);
    }
}
