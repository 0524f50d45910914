using System.Text;
using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.Api.Yaml;
using Kybernet.Client;
using Kybernet.Testing.Recording;

namespace Kybernet.Testing.Waiting;

/// <summary>What somebody who looks into a failed test wants to see first.</summary>
internal sealed class Evidence(IApiTransport server, RequestLog requests)
{
    private const int LastRequests = 20;

    /// <summary>Describes what was waited for, and what there is instead.</summary>
    /// <param name="what">As in <c>deployment =&gt; deployment.Status.ReadyReplicas == 3 of Deployment default/web</c>.</param>
    /// <param name="namespace">The object's namespace; empty for none.</param>
    /// <param name="name">Its name.</param>
    /// <param name="last">The object as it was last seen; null where it was not there.</param>
    public async Task<string> DescribeAsync(string what, string @namespace, string name, EncodedObject? last)
    {
        var text = new StringBuilder($"Waited in vain for {what}.\n");
        if (last is null)
        {
            text.Append("It does not exist.\n");
        }
        else
        {
            AppendObject(text, JsonNode.Parse(last.Json.Span)!.AsObject());
            await AppendEventsAsync(text, @namespace, last.Header.Uid);
        }
        text.Append("The last requests that were about it, or changed something:\n");
        foreach (var request in requests.Where(request => request.Name == name || request.IsWrite).TakeLast(LastRequests))
        {
            text.Append("  ").Append(request).Append('\n');
        }
        return text.ToString();
    }

    private static void AppendObject(StringBuilder text, JsonObject item)
    {
        var managers = item["metadata"]?["managedFields"]?.DeepClone() as JsonArray;
        item["metadata"]?.AsObject().Remove("managedFields");
        text.Append("It is now:\n").Append(YamlWriter.Write(item));
        text.Append("Its fields were written by:\n");
        foreach (var manager in managers ?? [])
        {
            text.Append($"  {manager!["manager"]} ({manager["operation"]}{(manager["subresource"] is { } sub ? $" of {sub}" : "")}, {manager["time"]})\n");
        }
    }

    private async Task AppendEventsAsync(StringBuilder text, string @namespace, string uid)
    {
        var selector = $"fieldSelector=involvedObject.uid={uid}";
        var path = @namespace.Length > 0 ? $"/api/v1/namespaces/{@namespace}/events?{selector}" : $"/api/v1/events?{selector}";
        var events = await server.ListAsync(new ApiCall(HttpMethod.Get, path), CancellationToken.None);
        text.Append(events.Items.Count == 0 ? "There is no event about it.\n" : "Its events:\n");
        foreach (var item in events.Items)
        {
            var seen = ModelJson.Parse<Event>(item.Json.Span);
            text.Append($"  {seen.Type} {seen.Reason} {seen.Message} (x{seen.Count ?? 1})\n");
        }
    }
}
