using Kybernet.ApiServer.Pipeline;

namespace Kybernet.ApiServer.FlowControl;

/// <summary>Tells requests that may last for as long as the client likes: nobody can wait for their seats.</summary>
internal static class LongRunning
{
    /// <summary>Whether the request is one of those. A watch only is one once it has begun: what it sends first costs as much as a list.</summary>
    public static bool Is(RequestInfo request) =>
        request.IsResourceRequest && (request.Verb == "proxy" || request.Subresource is "attach" or "exec" or "proxy" or "log" or "portforward");
}
