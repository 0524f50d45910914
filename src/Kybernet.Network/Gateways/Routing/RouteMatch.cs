using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;

namespace Kybernet.Network.Gateways.Routing;

/// <summary>How a path is compared.</summary>
internal enum PathKind
{
    /// <summary>The whole path.</summary>
    Exact,

    /// <summary>The first elements of the path.</summary>
    Prefix,

    /// <summary>A regular expression for the whole path.</summary>
    Regex,
}

/// <summary>A text to be equal to, or a regular expression for all of it.</summary>
internal sealed class ValueMatch
{
    private readonly string _text;
    private readonly Regex? _regex;

    private ValueMatch(string text, Regex? regex) => (_text, _regex) = (text, regex);

    /// <exception cref="ArgumentException">It is no regular expression.</exception>
    public static ValueMatch Create(string text, bool isRegex) => new(text, isRegex ? WholeText(text) : null);

    /// <summary>Expressions come from whoever may write routes, so none may take longer than its text is long.</summary>
    public static Regex WholeText(string pattern) => new($"^(?:{pattern})$", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);

    public bool IsMatch(string text) => _regex?.IsMatch(text) ?? string.Equals(_text, text, StringComparison.Ordinal);
}

/// <summary>A header or query parameter that a request must have.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value.</param>
internal sealed record NamedMatch(string Name, ValueMatch Value);

/// <summary>What a request must be for a rule to be about it.</summary>
internal sealed record RouteMatch
{
    public PathKind PathKind { get; init; } = PathKind.Prefix;

    /// <summary>The path; without a slash at its end where it is a prefix, so that the prefix of all paths is empty.</summary>
    public string Path { get; init; } = "";

    /// <summary>What the path is compared with where it is a regular expression.</summary>
    public Regex? PathPattern { get; init; }

    /// <summary>The method; null for any.</summary>
    public string? Method { get; init; }

    public IReadOnlyList<NamedMatch> Headers { get; init; } = [];

    public IReadOnlyList<NamedMatch> Query { get; init; } = [];

    /// <summary>Whether everything but the path is as it must be.</summary>
    public bool IsMatch(HttpRequest request)
    {
        if (Method is not null && Method != request.Method)
        {
            return false;
        }
        foreach (var header in Headers)
        {
            if (!request.Headers.TryGetValue(header.Name, out var values) || !header.Value.IsMatch(values.ToString()))
            {
                return false;
            }
        }
        foreach (var parameter in Query)
        {
            if (!request.Query.TryGetValue(parameter.Name, out var values) || values.Count == 0 || !parameter.Value.IsMatch(values[0] ?? ""))
            {
                return false;
            }
        }
        return true;
    }
}
