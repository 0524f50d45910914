using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Json;
using Kybernet.Api.Meta.V1;
using Kybernet.ApiServer.Admission.Expressions;
using Kybernet.ApiServer.Admission.Matching;
using Kybernet.ApiServer.Authorization;
using Kybernet.ApiServer.Pipeline;
using Kybernet.ApiServer.Rest;
using Kybernet.ApiServer.Webhooks;
using Microsoft.Extensions.Logging;

namespace Kybernet.ApiServer.Admission.Webhooks;

/// <summary>Asks webhooks about requests, and says of an answer what upstream says of it.</summary>
internal sealed partial class WebhookDispatcher(
    IObjectFeeds feeds, EndpointRegistry endpoints, AdmissionBindings requests, WebhookConnections connections, ILogger<WebhookDispatcher> logger)
{
    /// <summary>The group of what configures webhooks, and policies: none of it is ever shown to a webhook, so that nobody can lock everybody out.</summary>
    public const string Group = "admissionregistration.k8s.io";

    private readonly NamespaceLabels _namespaces = new(feeds);

    /// <summary>Whether any webhook can be about such requests.</summary>
    public static bool MayBeAbout(AdmissionWebhook[] hooks, AdmissionOperation operation, GroupVersionResource resource, string subresource)
    {
        foreach (var hook in hooks)
        {
            if (resource.Group != Group && hook.Matcher.MayBeAbout(operation, resource, subresource))
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>Whether a webhook is to be asked.</summary>
    /// <exception cref="ApiError">That cannot be told, or it cannot be asked since nothing is to be stored.</exception>
    public bool IsToBeAsked(AdmissionWebhook hook, AdmissionRequest request)
    {
        if (!hook.Matcher.IsAbout(request, needsRule: true, _namespaces.Of(request)))
        {
            return false;
        }
        try
        {
            if (!hook.Conditions.Hold(requests.Of(request)))
            {
                return false;
            }
        }
        catch (ExpressionException exception)
        {
            return hook.IgnoresFailures ? false : throw ApiError.Forbidden(request.Resource.GroupResource, request.Name, exception.Message);
        }
        return request.DryRun && hook.HasSideEffects
            ? throw ApiError.BadRequest($"admission webhook \"{hook.Name}\" does not support dry run")
            : true;
    }

    /// <summary>Asks a webhook.</summary>
    /// <param name="hook">The webhook.</param>
    /// <param name="request">The request.</param>
    /// <param name="mayChange">Whether it may change the object.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The object as it is to be, in the form that is stored; null where it stays as it is.</returns>
    /// <exception cref="ApiError">The request is turned away, or the webhook could not be asked and has to be.</exception>
    public async Task<JsonObject?> AskAsync(AdmissionWebhook hook, AdmissionRequest request, bool mayChange, CancellationToken cancellationToken)
    {
        var presented = endpoints.Find(request.Resource) is null
            ? null
            : endpoints.Find(request.Resource with { Version = hook.VersionFor(request, version => endpoints.Find(request.Resource with { Version = version }) is not null) });
        var uid = Guid.NewGuid().ToString();
        AdmissionVerdict verdict;
        try
        {
            var item = await PresentedAsync(presented, request, cancellationToken);
            verdict = await CallAsync(hook, uid, AdmissionReview.Write(uid, request, presented, item?.DeepClone(), await PreviousAsync(presented, request, cancellationToken)), mayChange, cancellationToken);
            request.Warnings.AddRange(verdict.Warnings);
            if (verdict is { IsAllowed: true, Patch: { } patch } && item is not null)
            {
                return await ChangedAsync(presented, request, item, patch, cancellationToken);
            }
        }
        catch (WebhookException exception)
        {
            if (!hook.IgnoresFailures)
            {
                throw ApiError.Internal($"failed calling webhook \"{hook.Name}\": {exception.Message}");
            }
            FailedOpen(hook.Name, exception.Message);
            return null;
        }
        return verdict.IsAllowed ? null : throw Refusal(hook, verdict.Status);
    }

    private async Task<AdmissionVerdict> CallAsync(AdmissionWebhook hook, string uid, byte[] question, bool mayChange, CancellationToken cancellationToken)
    {
        byte[] answer;
        try
        {
            answer = await connections.PostAsync(hook.Target(), hook.Timeout, question, cancellationToken);
        }
        catch (WebhookException exception)
        {
            throw new WebhookException($"failed to call webhook: {exception.Message}", exception);
        }
        try
        {
            return AdmissionReview.Read(answer, uid, mayChange);
        }
        catch (WebhookException exception)
        {
            throw new WebhookException($"received invalid webhook response: {exception.Message}", exception);
        }
    }

    // Webhooks see objects as clients of their version do, never as they are stored. What is connected with is no object of the resource.
    private static async ValueTask<JsonObject?> PresentedAsync(ResourceEndpoint? endpoint, AdmissionRequest request, CancellationToken cancellationToken)
    {
        if (request.Object is not { } item || endpoint is null || request.Operation == AdmissionOperation.Connect)
        {
            return (JsonObject?)request.Object?.DeepClone();
        }
        var shown = await ConvertedAsync(endpoint, item, cancellationToken);
        endpoint.Stored.Converter?.FromStorage(shown);
        return shown;
    }

    private static async ValueTask<JsonNode?> PreviousAsync(ResourceEndpoint? endpoint, AdmissionRequest request, CancellationToken cancellationToken)
    {
        if (request.Previous is not { } previous)
        {
            return null;
        }
        var shown = endpoint is null ? previous : endpoint.Present(await endpoint.ConvertAsync(previous, cancellationToken));
        return ModelJson.ParseTree(shown.Json.Span);
    }

    private static async ValueTask<JsonObject> ConvertedAsync(ResourceEndpoint endpoint, JsonObject item, CancellationToken cancellationToken)
    {
        if (endpoint.Stored.Remote is null)
        {
            return (JsonObject)item.DeepClone();
        }
        var converted = await endpoint.ConvertAsync(EncodedObject.Parse(ModelJson.ToUtf8(item)), cancellationToken);
        return ModelJson.ParseTree(converted.Json.Span)!.AsObject();
    }

    private async ValueTask<JsonObject> ChangedAsync(
        ResourceEndpoint? endpoint, AdmissionRequest request, JsonObject item, JsonNode patch, CancellationToken cancellationToken)
    {
        JsonObject changed;
        try
        {
            changed = Api.Patching.JsonPatch.Apply(item, patch) as JsonObject ?? throw new WebhookException("the patch does not leave an object");
        }
        catch (Api.Patching.PatchException exception)
        {
            throw ApiError.Internal(exception.Message);
        }
        if (endpoint is null)
        {
            return changed;
        }
        // As if the client had sent it: unknown fields go.
        var decoded = endpoint.ToStored(BodyDecoder.Decode(ModelJson.ToUtf8(changed), endpoint.Kind, endpoint.Schema, FieldValidation.Ignore, []));
        return endpoints.Find(request.Resource) is { } asked ? await ConvertedAsync(asked, decoded, cancellationToken) : decoded;
    }

    private static ApiError Refusal(AdmissionWebhook hook, JsonObject? given)
    {
        var status = given is null ? new Status() : ModelJson.Parse<Status>(given);
        var why = status.Message is { Length: > 0 } message ? $": {message}" : status.Reason is { Length: > 0 } reason ? $": {reason}" : " without explanation";
        return new ApiError(status with
        {
            StatusValue = "Failure",
            Code = status.Code is >= 400 and var code ? code : 400,
            Message = $"admission webhook \"{hook.Name}\" denied the request{why}",
        });
    }

    [LoggerMessage(LogLevel.Warning, "Failed calling webhook {Webhook}, failing open: {Problem}")]
    private partial void FailedOpen(string webhook, string problem);
}
