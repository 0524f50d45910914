using Microsoft.AspNetCore.Http;

namespace Kybernet.ApiServer.Authentication;

/// <summary>What else headers tell of a user, each in a header of its own: the key is the rest of the header's name.</summary>
internal static class HeaderExtra
{
    /// <summary>What the headers of some prefixes tell.</summary>
    public static Dictionary<string, IReadOnlyList<string>> Of(IHeaderDictionary headers, params IReadOnlyList<string> prefixes)
    {
        var extra = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var header in headers)
        {
            foreach (var prefix in prefixes)
            {
                if (header.Key.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
                {
                    extra[Uri.UnescapeDataString(header.Key[prefix.Length..].ToLowerInvariant())] = header.Value.OfType<string>().ToArray();
                }
            }
        }
        return extra;
    }
}
