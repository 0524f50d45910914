using System.Globalization;
using Kybernet.ApiServer.Pipeline;
using Microsoft.AspNetCore.Http;

namespace Kybernet.ApiServer.Rest;

/// <summary>The query of a list or watch, read and checked.</summary>
internal sealed record ListOptions
{
    public string LabelSelector { get; private init; } = "";

    public string FieldSelector { get; private init; } = "";

    /// <summary>Null where it was not given; 0 means any revision that is at hand.</summary>
    public long? ResourceVersion { get; private init; }

    /// <summary><c>Exact</c>, <c>NotOlderThan</c>, or empty.</summary>
    public string ResourceVersionMatch { get; private init; } = "";

    /// <summary>0 for no limit.</summary>
    public int Limit { get; private init; }

    public string Continue { get; private init; } = "";

    public bool AllowWatchBookmarks { get; private init; }

    public bool? SendInitialEvents { get; private init; }

    /// <summary>Null where it was not given.</summary>
    public TimeSpan? Timeout { get; private init; }

    /// <summary>Reads a query.</summary>
    /// <exception cref="ApiError">400 or 422: a parameter is malformed, or two do not go together.</exception>
    public static ListOptions Parse(IQueryCollection query, bool isWatch)
    {
        var options = new ListOptions
        {
            LabelSelector = query["labelSelector"].ToString(),
            FieldSelector = query["fieldSelector"].ToString(),
            ResourceVersion = Revision(query["resourceVersion"].ToString()),
            ResourceVersionMatch = query["resourceVersionMatch"].ToString(),
            Limit = (int)Math.Min(int.MaxValue, Number(query, "limit") ?? 0),
            Continue = query["continue"].ToString(),
            AllowWatchBookmarks = Flag(query, "allowWatchBookmarks") ?? false,
            SendInitialEvents = Flag(query, "sendInitialEvents"),
            Timeout = Number(query, "timeoutSeconds") is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
        };
        options.Check(isWatch);
        return options;
    }

    private void Check(bool isWatch)
    {
        if (isWatch && SendInitialEvents is not null && ResourceVersionMatch != "NotOlderThan")
        {
            throw Invalid("resourceVersionMatch", "Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
        }
        if (SendInitialEvents is not null && !isWatch)
        {
            throw Invalid("sendInitialEvents", "Forbidden: sendInitialEvents is forbidden for list");
        }
        if (ResourceVersionMatch.Length == 0)
        {
            return;
        }
        if (isWatch && SendInitialEvents is null)
        {
            throw Invalid("resourceVersionMatch", "Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided");
        }
        if (!isWatch && ResourceVersion is null)
        {
            throw Invalid("resourceVersionMatch", "Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided");
        }
        if (Continue.Length > 0)
        {
            throw Invalid("resourceVersionMatch", "Forbidden: resourceVersionMatch is forbidden when continue is provided");
        }
        if (ResourceVersionMatch is not ("Exact" or "NotOlderThan"))
        {
            throw Invalid(
                "resourceVersionMatch", $"Unsupported value: \"{ResourceVersionMatch}\": supported values: \"Exact\", \"NotOlderThan\"");
        }
        if (ResourceVersionMatch == "Exact" && ResourceVersion == 0)
        {
            throw Invalid("resourceVersionMatch", "Forbidden: resourceVersionMatch \"Exact\" is forbidden for resourceVersion \"0\"");
        }
    }

    private static long? Revision(string text)
    {
        if (text.Length == 0)
        {
            return null;
        }
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var revision)
            ? revision
            : throw Invalid("resourceVersion", $"Invalid value: \"{text}\": strconv.ParseUint: parsing \"{text}\": invalid syntax");
    }

    private static long? Number(IQueryCollection query, string name)
    {
        var text = query[name].ToString();
        if (text.Length == 0)
        {
            return null;
        }
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= 0
            ? number
            : throw ApiError.BadRequest($"strconv.ParseInt: parsing \"{text}\": invalid syntax");
    }

    private static bool? Flag(IQueryCollection query, string name) => query.TryGetValue(name, out var value)
        ? value.ToString() is not ("false" or "0")
        : null;

    private static ApiError Invalid(string field, string message) => ApiError.Of(
        422, "Invalid", $"ListOptions.meta.k8s.io \"\" is invalid: {field}: {message}");
}
