using System.Globalization;
using Kybernet.Api.Gateway.V1;
using Kybernet.Network.Gateways.Routing;
using Microsoft.AspNetCore.Http;

namespace Kybernet.Network.Gateways.Filters;

/// <summary>An answer that sends the client elsewhere.</summary>
internal sealed class Redirect(HTTPRequestRedirectFilter filter)
{
    private readonly PathChange? _path = filter.Path is { } path ? new PathChange(path) : null;

    public void Answer(HttpContext context, RouteMatch match, int listenerPort)
    {
        context.Response.StatusCode = filter.StatusCode ?? StatusCodes.Status302Found;
        context.Response.Headers.Location = Location(context.Request, match, listenerPort);
    }

    private string Location(HttpRequest request, RouteMatch match, int listenerPort)
    {
        var scheme = filter.Scheme ?? request.Scheme;
        // A new scheme means its own port; without one the client stays at the listener's.
        var port = filter.Port ?? (filter.Scheme is null ? listenerPort : DefaultPort(scheme));
        var host = filter.Hostname ?? request.Host.Host;
        var authority = port == DefaultPort(scheme) ? host : string.Create(CultureInfo.InvariantCulture, $"{host}:{port}");
        var path = _path is null ? request.Path : new PathString(_path.Apply(request.Path.Value is { Length: > 0 } given ? given : "/", match));
        return $"{scheme}://{authority}{path.ToUriComponent()}{request.QueryString}";
    }

    private static int DefaultPort(string scheme) => scheme == "https" ? 443 : 80;
}
