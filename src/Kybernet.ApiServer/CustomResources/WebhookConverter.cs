using System.Runtime.CompilerServices;
using System.Text;
using Kybernet.Api;
using Kybernet.ApiServer.Resources;
using Kybernet.ApiServer.Rest.Conversion;

namespace Kybernet.ApiServer.CustomResources;

/// <summary>Has a definition's webhook convert into one of its versions. What it made of an object is kept for as long as the object is.</summary>
internal sealed class WebhookConverter(ConversionWebhook webhook, GroupVersion served, GroupVersion stored) : IRemoteConverter
{
    private readonly ConditionalWeakTable<EncodedObject, EncodedObject> _converted = [];
    private readonly byte[] _served = Encoding.UTF8.GetBytes(served.ToString());
    private readonly byte[] _stored = Encoding.UTF8.GetBytes(stored.ToString());

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<EncodedObject>> ConvertAsync(IReadOnlyList<EncodedObject> items, CancellationToken cancellationToken)
    {
        var others = items.Where(item => !ObjectForms.IsOf(item, _served)).ToList();
        if (others.Count == 0)
        {
            return items;
        }
        var unknown = others.Where(item => !_converted.TryGetValue(item, out _)).ToList();
        if (unknown.Count > 0)
        {
            var answers = await webhook.ConvertAsync(unknown, served, cancellationToken);
            for (var i = 0; i < unknown.Count; i++)
            {
                _converted.AddOrUpdate(unknown[i], answers[i]);
            }
        }
        return [.. items.Select(item => _converted.TryGetValue(item, out var converted) ? converted : item)];
    }

    /// <inheritdoc/>
    public bool IsStored(EncodedObject item) => ObjectForms.IsOf(item, _stored);

    /// <inheritdoc/>
    public async ValueTask<EncodedObject> ToStorageAsync(EncodedObject item, CancellationToken cancellationToken) =>
        served == stored ? item : (await webhook.ConvertAsync([item], stored, cancellationToken))[0];
}
