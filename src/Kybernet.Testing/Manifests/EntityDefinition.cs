using System.Text.Json.Nodes;

namespace Kybernet.Testing.Manifests;

/// <summary>Makes the CustomResourceDefinition of a class.</summary>
internal static class EntityDefinition
{
    /// <summary>Describes a class.</summary>
    /// <param name="model">The class, with the client's attribute for entities.</param>
    /// <param name="isNamespaced">Whether its objects are in namespaces.</param>
    /// <exception cref="ManifestException">It cannot be described.</exception>
    public static JsonObject Of(Type model, bool isNamespaced)
    {
        var entity = ResourcePaths.EntityOf(model);
        if (string.IsNullOrEmpty(entity.Group) || string.IsNullOrEmpty(entity.PluralName) || string.IsNullOrEmpty(entity.ApiVersion) || string.IsNullOrEmpty(entity.Kind))
        {
            throw new ManifestException($"{model.Name}: [KubernetesEntity] has to say Group, ApiVersion, Kind and PluralName");
        }
        var schema = SchemaOfType.Root(model);
        var version = new JsonObject
        {
            ["name"] = entity.ApiVersion,
            ["served"] = true,
            ["storage"] = true,
            ["schema"] = new JsonObject { ["openAPIV3Schema"] = schema },
        };
        if (schema["properties"]?["status"] is not null)
        {
            version["subresources"] = new JsonObject { ["status"] = new JsonObject() };
        }
        return new JsonObject
        {
            ["apiVersion"] = "apiextensions.k8s.io/v1",
            ["kind"] = "CustomResourceDefinition",
            ["metadata"] = new JsonObject { ["name"] = $"{entity.PluralName}.{entity.Group}" },
            ["spec"] = new JsonObject
            {
                ["group"] = entity.Group,
                ["scope"] = isNamespaced ? "Namespaced" : "Cluster",
                ["names"] = new JsonObject
                {
                    ["kind"] = entity.Kind,
                    ["listKind"] = $"{entity.Kind}List",
                    ["plural"] = entity.PluralName,
                    ["singular"] = entity.Kind.ToLowerInvariant(),
                },
                ["versions"] = new JsonArray(version),
            },
        };
    }
}
