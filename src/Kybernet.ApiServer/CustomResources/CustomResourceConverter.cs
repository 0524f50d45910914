using System.Text.Json.Nodes;
using Kybernet.Api.Json;
using Kybernet.Api.Schema;
using Kybernet.ApiServer.Rest.Conversion;

namespace Kybernet.ApiServer.CustomResources;

/// <summary>
/// Brings what is stored into a served version and back. Without a webhook (<c>conversion.strategy: None</c>) versions differ by their name alone; with
/// one (<see cref="WebhookConverter"/>) only what it made of an object gets here. What was stored under an earlier schema is pruned and gets its defaults by the present one as it is read.
/// </summary>
internal sealed class CustomResourceConverter(CustomVersion version) : IVersionConverter
{
    private readonly string _stored = (version.ConversionClient is null ? version.StorageVersion : version.Info.Kind.GroupVersion).ToString();

    /// <inheritdoc/>
    public void ToStorage(JsonObject item) => item["apiVersion"] = _stored;

    /// <inheritdoc/>
    public void FromStorage(JsonObject item)
    {
        var pruned = SchemaDecoder.Decode(ModelJson.ToUtf8(item), version.Type).Object;
        SchemaDefaults.Apply(pruned, version.Type);
        item.Clear();
        foreach (var (name, value) in pruned.ToArray())
        {
            pruned.Remove(name);
            item[name] = value;
        }
        item["apiVersion"] = version.Info.Kind.GroupVersion.ToString();
    }
}
