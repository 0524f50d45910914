using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Api.Times;

namespace Kybernet.ApiServer.Resources;

/// <summary>The columns that most tables have, and how their cells read.</summary>
internal static class Columns
{
    /// <summary>The object's name.</summary>
    public static TableColumn Name { get; } = new("Name", "string", "name", "Name must be unique within a namespace.", 0);

    /// <summary>How long ago the object was made.</summary>
    public static TableColumn Age { get; } = new("Age", "string", "", "Time since the object was created.", 0);

    /// <summary>A column of text.</summary>
    public static TableColumn Text(string name, string description, int priority = 0) => new(name, "string", "", description, priority);

    /// <summary>A column of whole numbers.</summary>
    public static TableColumn Number(string name, string description, int priority = 0) => new(name, "integer", "", description, priority);

    /// <summary>An object's age in upstream's short form, such as <c>5m</c>; <c>&lt;unknown&gt;</c> where it does not say.</summary>
    public static string AgeOf(ObjectMeta metadata, DateTimeOffset now) => Since(metadata.CreationTimestamp, now);

    /// <summary>The time since an instant in upstream's short form.</summary>
    public static string Since(DateTimeOffset? instant, DateTimeOffset now) => instant is { } time ? Human(now - time) : "<unknown>";

    /// <summary>A duration in upstream's short form.</summary>
    public static string Human(TimeSpan duration) => HumanDuration.Format(duration);

    /// <summary>The names of containers, for wide tables.</summary>
    public static string ContainerNames(PodTemplateSpec? template) =>
        template is null ? "" : string.Join(",", template.Spec.Containers.Select(container => container.Name));

    /// <summary>The images of containers, for wide tables.</summary>
    public static string ContainerImages(PodTemplateSpec? template) =>
        template is null ? "" : string.Join(",", template.Spec.Containers.Select(container => container.Image));
}
