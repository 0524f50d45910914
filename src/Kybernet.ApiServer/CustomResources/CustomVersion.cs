using Kybernet.Api;
using Kybernet.Api.Apiextensions.V1;
using Kybernet.Api.Schema;
using Kybernet.Api.Schema.Structural;
using Kybernet.Api.Schema.Structural.Validations;
using Kybernet.ApiServer.Rest;
using Kybernet.ApiServer.Storage;
using Kybernet.ApiServer.Webhooks;

namespace Kybernet.ApiServer.CustomResources;

/// <summary>One version of a custom resource, as its definition has it. What it is served by is made when it is first asked for.</summary>
internal sealed class CustomVersion
{
    private static readonly string[] Verbs = ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"];

    private readonly Lazy<StructuralSchema?> _schema;
    private readonly Lazy<SchemaRules?> _rules;
    private readonly Lazy<TypeSchema> _type;
    private readonly Lock _gate = new();
    private ResourceEndpoint? _endpoint;

    /// <param name="definition">The definition, whose names are accepted.</param>
    /// <param name="version">One of its versions that are served.</param>
    public CustomVersion(CustomResourceDefinition definition, CustomResourceDefinitionVersion version)
    {
        Definition = definition;
        Version = version;
        Info = Describe(definition, version);
        _schema = new(() => version.Schema?.OpenAPIV3Schema is { } props ? StructuralSchema.Compile(props) : null);
        _rules = new(() => _schema.Value is { } schema ? SchemaRules.Compile(schema) : null);
        _type = new(() => StructuralTypes.Build(TypeName, Info.Kind, definition.Spec.PreserveUnknownFields == true ? null : _schema.Value));
    }

    /// <summary>The definition that it is a version of.</summary>
    public CustomResourceDefinition Definition { get; }

    /// <summary>The version in the definition.</summary>
    public CustomResourceDefinitionVersion Version { get; }

    /// <summary>What discovery says of it.</summary>
    public ResourceInfo Info { get; }

    /// <summary>What its objects are held to; null for nothing.</summary>
    public StructuralSchema? Schema => _schema.Value;

    /// <summary>The rules in CEL that its objects are held to; null for none.</summary>
    public SchemaRules? Rules => _rules.Value;

    /// <summary>How its objects are decoded.</summary>
    public TypeSchema Type => _type.Value;

    /// <summary>The resource as the verbs see it.</summary>
    public ResourceEndpoint Endpoint(StoreFollower follower, WebhookConnections webhooks)
    {
        lock (_gate)
        {
            return _endpoint ??= new ResourceEndpoint(
                Info,
                Type,
                new CustomResourceStrategy(this),
                follower.Cache(Info.Resource.GroupResource),
                new StoredForm(Info.Resource.GroupResource, Type, new CustomResourceConverter(this), Remote(webhooks)));
        }
    }

    /// <summary>The version that objects are stored in.</summary>
    public GroupVersion StorageVersion => new(Definition.Spec.Group, Definition.Spec.Versions.First(static version => version.Storage).Name);

    /// <summary>Who converts its objects; null where versions differ by their name alone.</summary>
    public WebhookClientConfig? ConversionClient => Definition.Spec.Conversion is { Strategy: DefinitionTypes.WebhookConversion, Webhook.ClientConfig: { } client } ? client : null;

    /// <summary>As OpenAPI documents name the type: <c>com.example.stable.v1.CronTab</c>.</summary>
    public string TypeName => $"{string.Join('.', Info.Kind.Group.Split('.').Reverse())}.{Info.Kind.Version}.{Info.Kind.Kind}";

    private WebhookConverter? Remote(WebhookConnections webhooks) =>
        ConversionClient is { } client ? new WebhookConverter(new ConversionWebhook(client, webhooks), Info.Kind.GroupVersion, StorageVersion) : null;

    private static ResourceInfo Describe(CustomResourceDefinition definition, CustomResourceDefinitionVersion version)
    {
        var names = definition.Status.AcceptedNames ?? definition.Spec.Names;
        var resource = new GroupVersionResource(definition.Spec.Group, version.Name, names.Plural);
        var info = new ResourceInfo
        {
            Resource = resource,
            Kind = new GroupVersionKind(resource.Group, resource.Version, names.Kind),
            Singular = names.Singular ?? "",
            ShortNames = names.ShortNames,
            Categories = names.Categories,
            Namespaced = definition.Spec.Scope == DefinitionTypes.Namespaced,
            // New objects would hold up a deletion for ever.
            Verbs = definition.Metadata.DeletionTimestamp is null ? Verbs : [.. Verbs.Where(static verb => verb != "create")],
        };
        return info with { Subresources = [.. Subresources(info, version)] };
    }

    private static IEnumerable<ResourceInfo> Subresources(ResourceInfo info, CustomResourceDefinitionVersion version)
    {
        string[] verbs = ["get", "patch", "update"];
        if (version.Subresources?.Status is not null)
        {
            yield return new ResourceInfo
            {
                Resource = info.Resource with { Resource = $"{info.Resource.Resource}/status" }, Kind = info.Kind, Namespaced = info.Namespaced, Verbs = verbs,
            };
        }
        if (version.Subresources?.Scale is not null)
        {
            yield return new ResourceInfo
            {
                Resource = info.Resource with { Resource = $"{info.Resource.Resource}/scale" },
                Kind = new GroupVersionKind("autoscaling", "v1", "Scale"),
                Namespaced = info.Namespaced,
                Verbs = verbs,
            };
        }
    }
}
