using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Kybernet.Scheduler.Tests")]
[assembly: InternalsVisibleTo("Kybernet.Scheduler.Bench")]
