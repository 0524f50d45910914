using Kybernet.Api.Meta.V1;

namespace Kybernet.Controllers.PersistentVolumes;

/// <summary>Metadata with an annotation more or less.</summary>
internal static class ObjectAnnotations
{
    public static bool Has(this ObjectMeta metadata, string annotation) => metadata.Annotations.ContainsKey(annotation);

    public static ObjectMeta With(this ObjectMeta metadata, string annotation, string value) =>
        metadata with { Annotations = new Dictionary<string, string>(metadata.Annotations, StringComparer.Ordinal) { [annotation] = value } };

    public static ObjectMeta Without(this ObjectMeta metadata, string annotation)
    {
        var annotations = new Dictionary<string, string>(metadata.Annotations, StringComparer.Ordinal);
        annotations.Remove(annotation);
        return metadata with { Annotations = annotations };
    }
}
