using Microsoft.AspNetCore.Http;

namespace Kybernet.Network.Gateways.Serving;

/// <summary>What the gateway itself answers with.</summary>
internal static class Answers
{
    private const string GrpcType = "application/grpc";

    /// <summary>The gRPC status UNAVAILABLE.</summary>
    private const string Unavailable = "14";

    public static Task NoRouteAsync(HttpContext context) => SayAsync(context, StatusCodes.Status404NotFound, "no route has this host and path\n");

    public static Task MisdirectedAsync(HttpContext context) =>
        SayAsync(context, StatusCodes.Status421MisdirectedRequest, "the connection was made for another host\n");

    public static Task NoBackendAsync(HttpContext context) => FailAsync(context, StatusCodes.Status500InternalServerError, "the route has no valid backend\n");

    public static Task NoEndpointAsync(HttpContext context) => FailAsync(context, StatusCodes.Status503ServiceUnavailable, "no endpoint of the backend is ready\n");

    public static Task TimedOutAsync(HttpContext context) => FailAsync(context, StatusCodes.Status504GatewayTimeout, "the backend did not answer in time\n");

    /// <summary>Clients of gRPC look for its status; of the others' they would make one that says something else.</summary>
    private static Task FailAsync(HttpContext context, int status, string text)
    {
        if (context.Request.ContentType?.StartsWith(GrpcType, StringComparison.OrdinalIgnoreCase) != true)
        {
            return SayAsync(context, status, text);
        }
        context.Response.ContentType = GrpcType;
        context.Response.Headers["grpc-status"] = Unavailable;
        context.Response.Headers["grpc-message"] = text.TrimEnd('\n');
        return Task.CompletedTask;
    }

    private static Task SayAsync(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(text, context.RequestAborted);
    }
}
