using System.Globalization;
using System.Text.RegularExpressions;
using Kybernet.Api.Gateway.V1;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Kybernet.Network.Gateways.Filters;

/// <summary>Which pages of other origins may ask, and for what.</summary>
internal sealed class CorsPolicy(HTTPCORSFilter filter)
{
    private const string Any = "*";
    private const int DefaultMaxAge = 5;

    private readonly bool _allowsAll = filter.AllowOrigins.Contains(Any);
    private readonly bool _hasCredentials = filter.AllowCredentials == true;
    private readonly Regex[] _origins =
    [
        .. filter.AllowOrigins.Where(static origin => origin != Any).Select(static origin => new Regex(
            "^" + Regex.Escape(origin).Replace("\\*", ".*", StringComparison.Ordinal) + "$",
            RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)),
    ];

    /// <summary>Whether a request only asks whether another one may be made: the gateway answers it itself.</summary>
    public static bool IsPreflight(HttpRequest request) =>
        HttpMethods.IsOptions(request.Method) && request.Headers.ContainsKey(HeaderNames.Origin) && request.Headers.ContainsKey(HeaderNames.AccessControlRequestMethod);

    /// <summary>Answers a preflight: without what allows anything where the origin may not ask.</summary>
    public void AnswerPreflight(HttpContext context)
    {
        var (request, response) = (context.Request, context.Response.Headers);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        if (!AllowOrigin(request, response))
        {
            return;
        }
        Allow(response, HeaderNames.AccessControlAllowMethods, filter.AllowMethods, request.Headers.AccessControlRequestMethod.ToString());
        Allow(response, HeaderNames.AccessControlAllowHeaders, filter.AllowHeaders, request.Headers.AccessControlRequestHeaders.ToString());
        response.AccessControlMaxAge = (filter.MaxAge ?? DefaultMaxAge).ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>Tells the page's browser that it may see the answer; what the backend says of it does not count.</summary>
    public void Apply(HttpRequest request, IHeaderDictionary response)
    {
        response.Remove(HeaderNames.AccessControlAllowOrigin);
        response.Remove(HeaderNames.AccessControlAllowCredentials);
        if (AllowOrigin(request, response) && filter.ExposeHeaders.Count > 0)
        {
            response.AccessControlExposeHeaders = string.Join(", ", filter.ExposeHeaders);
        }
    }

    private bool AllowOrigin(HttpRequest request, IHeaderDictionary response)
    {
        if (request.Headers.Origin.ToString() is not { Length: > 0 } origin || !(_allowsAll || _origins.Any(pattern => pattern.IsMatch(origin))))
        {
            return false;
        }
        response.AccessControlAllowOrigin = _allowsAll && !_hasCredentials ? Any : origin;
        if (!_allowsAll || _hasCredentials)
        {
            response.Append(HeaderNames.Vary, HeaderNames.Origin);
        }
        if (_hasCredentials)
        {
            response.AccessControlAllowCredentials = "true";
        }
        return true;
    }

    /// <summary>With credentials a browser does not take the asterisk for everything: what it asked for is repeated instead.</summary>
    private void Allow(IHeaderDictionary response, string header, IReadOnlyList<string> allowed, string asked)
    {
        var value = !allowed.Contains(Any) ? string.Join(", ", allowed) : _hasCredentials ? asked : Any;
        if (value.Length > 0)
        {
            response[header] = value;
        }
    }
}
