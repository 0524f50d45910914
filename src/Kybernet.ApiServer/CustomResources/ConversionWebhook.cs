using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Apiextensions.V1;
using Kybernet.Api.Json;
using Kybernet.ApiServer.Pipeline;
using Kybernet.ApiServer.Webhooks;

namespace Kybernet.ApiServer.CustomResources;

/// <summary>The webhook that converts the objects of a definition.</summary>
internal sealed class ConversionWebhook(WebhookClientConfig client, WebhookConnections connections)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Converts objects.</summary>
    /// <param name="items">The objects, none of which is of that version.</param>
    /// <param name="version">The version that they shall be of.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The converted objects, in the same order.</returns>
    /// <exception cref="ApiError">They could not be converted.</exception>
    public async Task<IReadOnlyList<EncodedObject>> ConvertAsync(IReadOnlyList<EncodedObject> items, GroupVersion version, CancellationToken cancellationToken)
    {
        var originals = items.Select(static item => ModelJson.ParseTree(item.Json.Span)!.AsObject()).ToArray();
        var name = $"conversion webhook for {JsonValues.String(originals[0]["apiVersion"])}, Kind={JsonValues.String(originals[0]["kind"])}";
        IReadOnlyList<JsonNode?> answers;
        try
        {
            var uid = Guid.NewGuid().ToString();
            var question = ConversionReview.Write(uid, version, originals);
            answers = ConversionReview.Read(await connections.PostAsync(Target(), Patience, question, cancellationToken), uid);
        }
        catch (WebhookException exception)
        {
            throw ApiError.Internal($"{name} failed: {exception.Message}");
        }
        if (answers.Count != originals.Length)
        {
            throw ApiError.Internal($"{name} returned {answers.Count} objects, expected {originals.Length}");
        }
        return [.. originals.Select((original, index) => Accept(name, original, answers[index], version, index))];
    }

    private WebhookTarget Target() => WebhookTarget.Of(
        client.Url,
        client.Service is { } service ? new ServicePort(service.Namespace, service.Name, service.Port ?? 443) : null,
        client.Service?.Path,
        client.CaBundle ?? default);

    private static EncodedObject Accept(string name, JsonObject original, JsonNode? answer, GroupVersion version, int index)
    {
        try
        {
            return EncodedObject.Parse(ModelJson.ToUtf8(ConvertedObject.Accept(original, answer, version)));
        }
        catch (WebhookException exception)
        {
            throw ApiError.Internal($"{name} returned invalid converted object at index {index}: {exception.Message}");
        }
    }
}
