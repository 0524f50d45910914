using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.ApiServer.Admission;
using Kybernet.ApiServer.Pipeline;

namespace Kybernet.ApiServer.Rest;

/// <summary>Has admission judge those who connect to something: exec, attach, port-forward, proxy. What they ask for is told as the options of the kind that upstream has for it.</summary>
internal sealed class ConnectAdmission(AdmissionChain admission)
{
    // Their values are lists of texts, of numbers, and truths; all others are texts.
    private static readonly string[] Lists = ["command"];
    private static readonly string[] Numbers = ["ports"];
    private static readonly string[] Flags = ["stdin", "stdout", "stderr", "tty"];

    /// <summary>Judges a request to a subresource, if it connects.</summary>
    /// <exception cref="ApiError">It is turned away.</exception>
    public async ValueTask AdmitAsync(ResourceEndpoint endpoint, ApiRequest request, CancellationToken cancellationToken)
    {
        var info = request.Info;
        if (endpoint.Info.Subresource(info.Subresource) is not { ConnectMethods.Count: > 0 } connected
            || !admission.Concerns(AdmissionOperation.Connect, endpoint.Info.Resource, info.Subresource))
        {
            return;
        }
        var write = new AdmissionRequest(
            AdmissionOperation.Connect, endpoint.Info.Resource, connected.Kind, info.Subresource, info.Namespace, info.Name, request.User!)
        {
            Object = OptionsOf(connected.Kind, request),
            Warnings = request.Warnings,
            AuditAnnotations = request.AuditAnnotations,
        };
        await admission.MutateAsync(write, cancellationToken);
        await admission.ValidateAsync(write, cancellationToken);
    }

    private static JsonObject OptionsOf(GroupVersionKind kind, ApiRequest request)
    {
        var options = new JsonObject { ["kind"] = kind.Kind, ["apiVersion"] = kind.Group.Length == 0 ? kind.Version : $"{kind.Group}/{kind.Version}" };
        foreach (var (name, values) in request.Query)
        {
            var given = values.OfType<string>().ToArray();
            options[name] = Lists.Contains(name) ? new JsonArray([.. given.Select(static value => (JsonNode)value)])
                : Numbers.Contains(name) ? new JsonArray([.. given.SelectMany(static value => value.Split(',')).Select(static value => int.TryParse(value, out var number) ? (JsonNode)number : value)])
                : Flags.Contains(name) ? (JsonNode)(given is ["true" or "1", ..])
                : string.Join(',', given);
        }
        return options;
    }
}
